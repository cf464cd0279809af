"""Log-odds of probabilities, kept finite."""

import numpy as np
from numpy.typing import ArrayLike

_LEAST = 1e-6
"""Probability below which one counts as this, and as far below 1."""


def clipped(p: ArrayLike) -> np.ndarray:
    """Return probabilities whose log-odds are finite, float64."""
    return np.clip(np.asarray(p, dtype=np.float64), _LEAST, 1 - _LEAST)


def log_odds(p: ArrayLike) -> np.ndarray:
    """Return the log-odds of probabilities, float64; those of 0 and 1 are finite.

    Example:
        >>> log_odds([0.5, 0.0]).round(2)
        array([  0.  , -13.82])
    """
    values = clipped(p)
    return np.log(values / (1 - values))


def probability(z: np.ndarray) -> np.ndarray:
    """Return the probabilities of log-odds."""
    return 1 / (1 + np.exp(-z))
