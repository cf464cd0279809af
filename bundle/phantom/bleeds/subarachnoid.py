"""Subarachnoid bleeds: blood that fills sulci or basal cisterns."""

from dataclasses import dataclass

import numpy as np

from bundle.phantom.bleeds.bleed import Bleed, roughen
from bundle.phantom.brain import Brain
from bundle.phantom.noise import SmoothNoise
from bundle.phantom.points import Points
from bundle.phantom.shapes import Position, ellipsoid


@dataclass(frozen=True)
class Subarachnoid(Bleed):
    """Blood in the subarachnoid space inside one ellipsoid with an uneven edge.

    Attributes:
        centre, radii: of the ellipsoid.
        widening: by how much the blood widens the sulci, mm.
        noise: for its edge.
    """

    subtype = "subarachnoid"
    centre: Position
    radii: Position
    widening: float
    noise: SmoothNoise

    def _region(self, points: Points) -> np.ndarray:
        return roughen(ellipsoid(points, self.centre, self.radii), points, self.noise, 5, 34, 51)

    def swelling(self, points: Points) -> np.ndarray:
        """Return by how much the blood widens the sulci at `points`, [N] in mm."""
        return self.widening * np.clip(0.5 - self._region(points) / 6, 0, 1)

    def distance(self, brain: Brain) -> np.ndarray:
        """Return the distance to the blood, [N], negative inside."""
        blood = np.maximum(brain.fluid, self._region(brain.source))
        return np.maximum(blood, 0.8 - brain.depth)
