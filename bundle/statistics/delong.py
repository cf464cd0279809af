"""Areas under ROC curves: their variances, and the test of two that are of the same cases.

DeLong, DeLong and Clarke-Pearson, Biometrics 1988 (https://doi.org/10.2307/2531595), in the fast form of Sun and Xu,
IEEE Signal Processing Letters 2014 (https://doi.org/10.1109/LSP.2014.2337313): midranks instead of all pairs, so
O(N log N). For clustered cases, Obuchowski, Biometrics 1997 (https://doi.org/10.2307/2533958).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class AucTest(NamedTuple):
    """DeLong's test of two AUCs of the same cases."""

    difference: float
    """The first AUC minus the second."""
    standard_error: float
    """Of the difference."""
    z: float
    """Difference over standard error; NaN where the latter is 0 but the former is not."""
    p: float
    """Two-sided; 1 where the scores rank all cases alike, NaN where z is."""


def auc_covariance(truth: ArrayLike, scores: ArrayLike, clusters: ArrayLike | None = None) -> tuple[np.ndarray, ...]:
    """Return the AUCs of several scores of the same cases, and their covariance.

    Args:
        truth: [N], 1 or 0.
        scores: [K, N], higher is more likely 1; ties count half.
        clusters: [N], to which cluster each case belongs; None where each is on its own.

    Returns:
        AUCs, float64 [K], and covariance [K, K]; all NaN with fewer than two positive or two negative cases (or
        clusters of such), for which no variance can be estimated.

    Raises:
        ValueError: when the truth is not 1 and 0, both of them, or the shapes do not fit.

    Example:
        >>> aucs, covariance = auc_covariance([1, 1, 0, 0], [[0.9, 0.4, 0.5, 0.1], [0.9, 0.8, 0.5, 0.1]])
        >>> aucs, covariance.shape
        (array([0.75, 1.  ]), (2, 2))
    """
    from scipy.stats import rankdata  # takes a second to import

    y, s = np.asarray(truth), np.asarray(scores, dtype=np.float64)
    if y.ndim != 1 or s.ndim != 2 or s.shape[1] != len(y):
        raise ValueError(f"truth and scores must have shapes [N] and [K, N], got {y.shape} and {s.shape}")
    if set(np.unique(y).tolist()) != {0, 1}:
        raise ValueError(f"the truth must hold both 1 and 0 and nothing else, got {np.unique(y).tolist()}")
    positive = y == 1
    m, n = int(positive.sum()), int((~positive).sum())
    overall = rankdata(s, axis=1)
    # Of each positive the share of negatives below it, of each negative the share of positives above it.
    below = (overall[:, positive] - rankdata(s[:, positive], axis=1)) / n
    above = 1 - (overall[:, ~positive] - rankdata(s[:, ~positive], axis=1)) / m
    auc = below.mean(axis=1)
    _, cluster = np.unique(np.arange(len(y)) if clusters is None else np.asarray(clusters), return_inverse=True)
    count = cluster.max() + 1
    of_positives = _sums(below - auc[:, None], cluster[positive], count)
    of_negatives = _sums(above - auc[:, None], cluster[~positive], count)
    with_positive, with_negative = len(np.unique(cluster[positive])), len(np.unique(cluster[~positive]))
    if min(with_positive, with_negative) < 2:
        return auc, np.full((len(s), len(s)), np.nan)
    cross = of_positives @ of_negatives.T * count / (count - 1)
    covariance = (
        of_positives @ of_positives.T * with_positive / (with_positive - 1) / m**2
        + of_negatives @ of_negatives.T * with_negative / (with_negative - 1) / n**2
        + (cross + cross.T) / (m * n)
    )
    return auc, covariance


def delong_test(truth: ArrayLike, first: ArrayLike, second: ArrayLike, clusters: ArrayLike | None = None) -> AucTest:
    """Test whether two scores of the same cases have the same AUC.

    Args:
        truth: [N], 1 or 0.
        first: [N], scores.
        second: [N], scores.
        clusters: see `auc_covariance`.

    Raises:
        ValueError: see `auc_covariance`.

    Example:
        >>> test = delong_test([1, 1, 0, 0], [0.9, 0.4, 0.5, 0.1], [0.9, 0.8, 0.5, 0.1])
        >>> test.difference, round(test.p, 2)
        (-0.25, 0.48)
    """
    from scipy.stats import norm  # as above

    auc, covariance = auc_covariance(truth, np.stack([np.asarray(first), np.asarray(second)]), clusters)
    difference = float(auc[0] - auc[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    if math.isnan(variance):
        return AucTest(difference, math.nan, math.nan, math.nan)
    # Rounding leaves a tiny number, of either sign, where the exact one is 0.
    if variance < 1e-15:
        z, p = (0.0, 1.0) if abs(difference) < 1e-12 else (math.nan, math.nan)
        return AucTest(difference, 0.0, z, p)
    z = difference / math.sqrt(variance)
    return AucTest(difference, math.sqrt(variance), z, float(2 * norm.sf(abs(z))))


def _sums(values: np.ndarray, cluster: np.ndarray, count: int) -> np.ndarray:
    """Return the sums over each cluster, [K, count]."""
    return np.stack([np.bincount(cluster, weights=row, minlength=count) for row in values])
