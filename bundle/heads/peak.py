"""The score of a head: the peak of its slices' scores along the axis."""

import numpy as np
from numpy.typing import ArrayLike

from bundle.heads.log_odds import clipped, log_odds, probability
from bundle.predictions import gaussian_mean

SIGMA = 4.0
"""Standard deviation in mm of the Gaussian by which the log-odds of neighbouring slices are averaged."""


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
    z = np.asarray(positions, dtype=np.float64)
    if not np.isfinite(z).all():
        return clipped(probabilities).max(axis=0)
    return probability(gaussian_mean(log_odds(probabilities), z, sigma).max(axis=0))
