"""The pointing game: does the strongest evidence lie in the lesion?

Zhang et al., Top-down neural attention by excitation backprop, https://arxiv.org/abs/1608.00507: a hit is a peak inside
the object, or up to 15 pixels beside it in images of about 500 pixels.
"""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import distance_transform_edt

TOLERANCE = 0.03
"""Distance from the lesion at which a peak still is a hit, as a share of the longer side of what the network saw: the
15 of 500 pixels of the paper, and about 5 mm of a brain."""


class Pointing(NamedTuple):
    """Whether a peak hit, and the share of hits of a peak that is put at random where the network could see."""

    inside: bool
    near: bool
    """Inside, or within the tolerance."""
    chance_inside: float
    chance_near: float


def play(heat: np.ndarray, lesion: np.ndarray, seen: np.ndarray, tolerance: float) -> Pointing:
    """Return whether the peak of a heat map lies in the lesion.

    Args:
        heat: [H, W] from 0; without any heat where the network could see there is no peak, and no hit.
        lesion: [H, W] bool, not empty.
        seen: [H, W] bool: what the network was shown, mostly the brain.
        tolerance: in pixels.
    """
    distance = distance_transform_edt(~lesion)
    peak = find_peak(np.where(seen, heat, 0))
    apart = np.inf if peak is None else float(distance[peak])
    where = distance[seen]
    return Pointing(
        inside=bool(apart == 0),
        near=bool(apart <= tolerance),
        chance_inside=float((where == 0).mean()) if where.size else 0.0,
        chance_near=float((where <= tolerance).mean()) if where.size else 0.0,
    )


def find_peak(heat: np.ndarray) -> tuple[int, int] | None:
    """Return row and column of the highest place of a map from 0, None where it is 0 everywhere.

    A map of few cells, enlarged, has its maximum on a plateau as large as half a cell where the cell is at the edge;
    then it is the place on the plateau that is nearest to the plateau's middle, not the first that is stored.
    """
    if not heat.max() > 0:
        return None
    places = np.argwhere(heat >= heat.max() * (1 - 1e-4))
    row, column = places[((places - places.mean(axis=0)) ** 2).sum(axis=1).argmin()].tolist()
    return row, column
