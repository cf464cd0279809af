"""Points inside the head, at which the phantom is evaluated."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Points:
    """Points in head coordinates, each array [N] float32 in mm of a head of standard size.

    `x` grows to the patient's left, `y` to posterior and `z` to superior, as in DICOM; the origin is the middle of the
    brain at the level of the commissures.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray

    def where(self, chosen: np.ndarray) -> "Points":
        """Return the points that the bool array `chosen`, [N], selects."""
        return Points(self.x[chosen], self.y[chosen], self.z[chosen])

    def mirrored(self) -> "Points":
        """Return the points with the right half folded onto the left, for structures that come in pairs."""
        return Points(np.abs(self.x), self.y, self.z)

    def squared_distance(self, centre: tuple[float, float, float]) -> np.ndarray:
        """Return the squared distance to `centre`, [N] in mm²."""
        return (self.x - centre[0]) ** 2 + (self.y - centre[1]) ** 2 + (self.z - centre[2]) ** 2
