"""Solid shapes by their signed distance, as in computer graphics: negative inside, mm.

Ellipsoids and tubes by I. Quilez, https://iquilezles.org/articles/distfunctions/ (first-order distances).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from bundle.phantom.points import Points

Position = tuple[float, float, float]


def ellipsoid(points: Points, centre: Position, radii: Position) -> np.ndarray:
    """Return the distance to an ellipsoid, [N]; exact in sign, to first order in value."""
    inside, slope = np.zeros_like(points.x), np.full_like(points.x, 1e-9)
    for value, middle, radius in zip((points.x, points.y, points.z), centre, radii, strict=True):
        square = value - middle
        square *= square
        square *= radius**-2
        inside += square
        square *= radius**-2
        slope += square
    return (inside - np.sqrt(inside)) / np.sqrt(slope)


def tube(points: Points, path: Sequence[tuple[float, float, float, float]]) -> np.ndarray:
    """Return the distance to a tube along `path`, whose corners are (x, y, z, radius) in mm, [N]."""
    nearest: np.ndarray | None = None
    for start, end in pairwise(path):
        along = [b - a for a, b in zip(start, end, strict=True)]
        x, y, z = points.x - start[0], points.y - start[1], points.z - start[2]
        share = (x * along[0] + y * along[1] + z * along[2]) / sum(step * step for step in along[:3])
        share = np.clip(share, 0, 1)
        square = (x - share * along[0]) ** 2 + (y - share * along[1]) ** 2 + (z - share * along[2]) ** 2
        distance = np.sqrt(square) - (start[3] + share * along[3])
        nearest = distance if nearest is None else np.minimum(nearest, distance)
    assert nearest is not None
    return nearest


def smooth_union(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    """Return the distance to both shapes together, their crease rounded over `width` mm, [N]."""
    overlap = np.maximum(width - np.abs(a - b), 0)
    return np.minimum(a, b) - overlap * overlap / (4 * width)


def cover(distance: np.ndarray, pixel: float) -> np.ndarray:
    """Return how much of a pixel the shape covers, [N] in [0, 1]."""
    return np.clip(0.5 - distance / pixel, 0, 1)


def paint(values: np.ndarray, distance: np.ndarray, value: float | np.ndarray, pixel: float) -> None:
    """Paint a shape of `value` into `values`, [N], in place, with soft edges one `pixel` (mm) wide."""
    values += cover(distance, pixel) * (value - values)
