"""Falx and tentorium: the membranes of the dura between the halves and the floors of the brain."""

import numpy as np

from bundle.phantom.points import Points


def falx_extent(points: Points) -> np.ndarray:
    """Return the distance to the part of the midline plane that the falx fills, [N]."""
    edge = np.sqrt(((points.y + 10) / 42) ** 2 + ((points.z - 5) / 33) ** 2)
    return np.maximum((1 - edge) * 36, tentorium_height(points) - points.z)


def tentorium_height(points: Points) -> np.ndarray:
    """Return the z of the tentorium above or below `points`, [N]."""
    return -4 - 0.36 * np.abs(points.x) - 0.28 * np.maximum(points.y - 26, 0)


def tentorium_extent(points: Points) -> np.ndarray:
    """Return the distance to the part of its surface that the tentorium fills: behind the notch, [N]."""
    notch = 24 - np.sqrt(points.x**2 + (0.8 * (points.y - 4)) ** 2)
    return np.maximum(notch, 4 - points.y)
