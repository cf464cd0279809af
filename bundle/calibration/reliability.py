"""Reliability of probabilities: of the slices with P = 0.8, 8 in 10 should be positive.

Naeini, Cooper and Hauskrecht, AAAI 2015 (expected calibration error); Brier, Monthly Weather Review 1950.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bundle.statistics import Values, WeightedMetrics, ratio

BINS = 10
"""Bins of equal width over [0, 1]; a probability on an edge is of the lower bin."""


class Reliability(NamedTuple):
    """The points of a reliability diagram, one for each bin that holds slices; arrays of one length."""

    slices: np.ndarray
    """How many are in the bin."""
    predicted: np.ndarray
    """Their mean probability."""
    observed: np.ndarray
    """The share of them that is positive."""


def reliability(truth: ArrayLike, probability: ArrayLike, bins: int = BINS) -> Reliability:
    """Return the points of a reliability diagram.

    Args:
        truth: [N], 1 or 0.
        probability: [N], in [0, 1].
        bins: number of bins of equal width.
    """
    y, p = np.asarray(truth, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    index = _bins(p, bins)
    count = np.bincount(index, minlength=bins)
    used = count > 0
    predicted, observed = (np.bincount(index, weights=each, minlength=bins)[used] / count[used] for each in (p, y))
    return Reliability(count[used], predicted, observed)


def calibration_error(truth: ArrayLike, probability: ArrayLike, bins: int = BINS) -> float:
    """Return the expected calibration error: the bins' mean gap of predicted and observed, weighted by their slices.

    Args:
        truth: see `reliability`.
        probability: see there.
        bins: see there.
    """
    count, predicted, observed = reliability(truth, probability, bins)
    return float(np.average(np.abs(predicted - observed), weights=count))


def weighted_calibration(truth: np.ndarray, probability: np.ndarray, bins: int = BINS) -> WeightedMetrics:
    """Return a function of weights that gives ``calibration_error`` and ``brier``, for `bundle.statistics.bootstrap`.

    Args:
        truth: see `reliability`.
        probability: see there.
        bins: see there.
    """
    in_bin = np.eye(bins)[_bins(probability, bins)]
    gaps, squares = in_bin * (probability - truth)[:, None], (probability - truth) ** 2

    def metrics(weights: np.ndarray) -> Values:
        total = weights.sum(axis=1)
        return {
            "calibration_error": ratio(np.abs(weights @ gaps).sum(axis=1), total),
            "brier": ratio(weights @ squares, total),
        }

    return metrics


def _bins(probability: np.ndarray, bins: int) -> np.ndarray:
    return np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], probability)
