"""What all bleeds have in common."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bundle.phantom.brain import Brain
from bundle.phantom.noise import SmoothNoise
from bundle.phantom.points import Points


@dataclass(frozen=True)
class Bleed:
    """A bleed of one subtype; lengths in mm of a head of standard size.

    Attributes:
        hu: of the blood.
    """

    subtype: ClassVar[str]
    hu: float

    def thickness(self, points: Points) -> np.ndarray | float:
        """Return by how many mm the bleed lifts the brain off the inner table at `points`."""
        return 0.0

    def swelling(self, points: Points) -> np.ndarray | float:
        """Return by how many mm the bleed widens sulci and cisterns at `points`; negative where it empties them."""
        return 0.0

    def source(self, points: Points) -> Points:
        """Return where what is at `points` was before the bleed pushed it."""
        return points

    def distance(self, brain: Brain) -> np.ndarray:
        """Return the distance to the blood, [N], negative inside."""
        raise NotImplementedError

    def oedema(self, brain: Brain) -> np.ndarray | None:
        """Return the distance to the swollen brain around the blood, [N], or None when there is none."""
        return None


def roughen(
    distance: np.ndarray, points: Points, noise: SmoothNoise, amplitude: float, wavelength: float, offset: float
) -> np.ndarray:
    """Return `distance` to a shape, [N], with an uneven edge.

    Args:
        distance: to the smooth shape; changed in place.
        points: where.
        noise: the patient's random field.
        amplitude: of the unevenness, mm.
        wavelength: as of `SmoothNoise`.
        offset: as of `SmoothNoise`.
    """
    near = np.abs(distance) < 4 * amplitude
    distance[near] += amplitude * noise(points.where(near), wavelength, offset)
    return distance
