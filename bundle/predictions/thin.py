"""Series of thin slices, which inference scores as slabs."""

import numpy as np
from numpy.typing import ArrayLike

THIN = 2.5
"""mm of spacing below which the slices of a series are averaged: thinner ones are noisier than those of 5 mm on which
classifiers are trained, and eight times as many."""

SAME_PLACE = 0.05
"""mm up to which slices lie at one place: headers round a position, and copies round it otherwise."""


def is_thin(positions: ArrayLike) -> bool:
    """Return whether the slices of a series are less than `THIN` apart, by the median of neighbours' distances.

    Args:
        positions: [n] in mm along the normal, in any order; slices at one place count once.

    Example:
        >>> is_thin([0, 1.25, 2.5, 40]), is_thin([0, 5, 10]), is_thin([3])
        (True, False, False)
    """
    z = np.sort(np.asarray(positions, dtype=np.float64))
    steps = np.diff(z[np.diff(z, prepend=-np.inf) > SAME_PLACE])
    return bool(len(steps) and np.median(steps) < THIN)
