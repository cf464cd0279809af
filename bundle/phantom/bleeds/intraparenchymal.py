"""Intraparenchymal bleeds: in the substance of the brain."""

from dataclasses import dataclass

import numpy as np

from bundle.phantom.bleeds.bleed import Bleed, roughen
from bundle.phantom.brain import Brain
from bundle.phantom.noise import SmoothNoise
from bundle.phantom.points import Points
from bundle.phantom.shapes import Position, ellipsoid


@dataclass(frozen=True)
class Intraparenchymal(Bleed):
    """An irregular clot with a rim of oedema.

    Attributes:
        centre, radii: of the clot.
        rim: width of the oedema, mm.
        noise: for its edge.
    """

    subtype = "intraparenchymal"
    centre: Position
    radii: Position
    rim: float
    noise: SmoothNoise

    def _clot(self, points: Points) -> np.ndarray:
        size = min(self.radii)
        smooth = ellipsoid(points, self.centre, self.radii)
        return roughen(smooth, points, self.noise, 0.2 * size, 1.3 * size + 7, self.centre[0])

    def source(self, points: Points) -> Points:
        """Return where what is at `points` was before the clot pushed it aside."""
        # What was in the middle now lies around the clot, at the same volume.
        cube = np.maximum(points.squared_distance(self.centre), 1) ** 1.5
        volume = 0.55 * float(np.prod(self.radii))
        pull = np.cbrt(np.maximum(cube - volume, 0.02 * cube) / cube)
        return Points(*((c + (p - c) * pull) for p, c in zip((points.x, points.y, points.z), self.centre, strict=True)))

    def distance(self, brain: Brain) -> np.ndarray:
        """Return the distance to the blood, [N], negative inside."""
        outside = np.maximum(1.5 - brain.depth, -brain.ventricles)
        return np.maximum(self._clot(brain.points), outside)

    def oedema(self, brain: Brain) -> np.ndarray:
        """Return the distance to the swollen brain around the clot, [N]."""
        swollen = self._clot(brain.points) - self.rim
        return np.maximum(roughen(swollen, brain.points, self.noise, 0.5 * self.rim, 30, 61), -brain.fluid)
