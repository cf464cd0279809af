"""Intraventricular bleeds: blood in the ventricles."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bundle.phantom.bleeds.bleed import Bleed
from bundle.phantom.brain import Brain
from bundle.phantom.shapes import Position

Filling = Literal["level", "cast", "midline"]


@dataclass(frozen=True)
class Intraventricular(Bleed):
    """Blood that has settled in the ventricles or fills one of them.

    Attributes:
        filling: a `level` in the dependent part of the lateral ventricles, a `cast` of one lateral ventricle, or the
            third and fourth ventricle (`midline`).
        side: of the cast, or of the higher level: 1 left, -1 right.
        down: unit vector of gravity.
        height: how far the level lies above the tips of the occipital horns, mm; half as high on the other side.
    """

    subtype = "intraventricular"
    filling: Filling
    side: int
    down: Position
    height: float

    def distance(self, brain: Brain) -> np.ndarray:
        """Return the distance to the blood, [N], negative inside."""
        x, y, z = brain.source.x, brain.source.y, brain.source.z
        here = self.side * x
        if self.filling == "midline":
            return np.minimum(brain.third, brain.fourth)
        if self.filling == "cast":
            return np.maximum(brain.lateral, -here)
        fall = self.down[0] * x + self.down[1] * y + self.down[2] * z
        left, right = (self.down[0] * tip + self.down[1] * 57 + self.down[2] * 3 for tip in (23.0, -23.0))
        tip = np.where(x > 0, left, right)
        height = np.where(here > 0, self.height, 0.5 * self.height)
        return np.maximum(brain.lateral, tip - height - fall)
