"""The score of a head: the peak of its slices' scores along the axis."""

import numpy as np
from numpy.typing import ArrayLike

SIGMA = 4.0
"""Standard deviation in mm of the Gaussian by which the log-odds of neighbouring slices are averaged."""
_REACH = 3.0
"""Standard deviations beyond which a slice has no weight."""
_LEAST = 1e-6
"""Probability below which a slice counts as this, so that the log-odds of a slice are finite."""


def head_peak(probabilities: ArrayLike, positions: ArrayLike, sigma: float = SIGMA) -> np.ndarray:
    """Return the highest mean of the log-odds around any slice, as probabilities, float64 [K].

    The mean is weighted by a Gaussian: a bleed is seen in neighbouring slices, a false positive seldom.
    It does not rise with the number of slices, as their maximum does, so that a head in thin slices and the same head
    in thick ones have the same score. Without positions there are no neighbours, and it is the maximum.

    Args:
        probabilities: [n, K] of the slices.
        positions: [n] in mm along the normal; where one is NaN, none is used.
        sigma: standard deviation of the Gaussian in mm.

    Example:
        >>> head_peak([[0.1], [0.8], [0.1]], [0, 5, 10]).round(2)
        array([0.42])
        >>> head_peak([[0.1], [0.8], [0.1]], [np.nan] * 3)
        array([0.8])
    """
    p = np.clip(np.asarray(probabilities, dtype=np.float64), _LEAST, 1 - _LEAST)
    z = np.asarray(positions, dtype=np.float64)
    if not np.isfinite(z).all():
        return p.max(axis=0)
    distances = np.subtract.outer(z, z) / sigma
    weights = np.exp(-(distances**2) / 2) * (abs(distances) <= _REACH)
    log_odds = weights @ np.log(p / (1 - p)) / weights.sum(axis=1, keepdims=True)
    return 1 / (1 + np.exp(-log_odds.max(axis=0)))
