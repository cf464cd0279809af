"""The bootstrap over clusters: patients are drawn anew, with all of their slices.

Slices of one patient are alike, so an interval over slices would be too narrow (Field and Welsh, Bootstrapping
clustered data, J R Stat Soc B 2007, https://doi.org/10.1111/j.1467-9868.2007.00593.x).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bundle.progress import progress
from bundle.statistics.weighted import Values, WeightedMetrics

RESAMPLES = 1000
"""Default number of resamples."""

LEVEL = 0.95
"""Level of the intervals."""

COMPUTABLE = 0.95
"""Share of the resamples in which a metric must be computable for it to get an interval."""

_BLOCK = 2**19
"""Weights that are held at a time, so that many slices do not need much memory."""


class Interval(NamedTuple):
    """A percentile interval."""

    low: float
    high: float


def bootstrap(
    metrics: WeightedMetrics,
    clusters: ArrayLike,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Values:
    """Return the values of metrics in resamples of the clusters.

    Each resample draws as many clusters as there are, with replacement; a row counts as often as its cluster was
    drawn. Metrics of one call are of the same resamples, so their differences are paired.

    Args:
        metrics: called several times, with the weights of a part of the resamples.
        clusters: [N], to which cluster each row belongs, as the patient's pseudonym.
        resamples: how often to draw.
        seed: of the draws.

    Returns:
        Name → float64 [resamples].

    Raises:
        ValueError: when there is no row, or `resamples` is not positive.

    Example:
        >>> from bundle.statistics import weighted_ratios
        >>> recall = weighted_ratios({"recall": (np.array([1, 1, 0]), np.array([1, 1, 1]))})
        >>> drawn = bootstrap(recall, ["p1", "p1", "p2"])  # both slices of p1 are drawn together
        >>> np.unique(drawn["recall"].round(2))
        array([0.  , 0.67, 1.  ])
    """
    names, cluster = np.unique(np.asarray(clusters), return_inverse=True)
    if not len(names) or resamples < 1:
        raise ValueError(f"a bootstrap needs rows and resamples, got {len(cluster)} and {resamples}")
    generator = np.random.default_rng(seed)
    counts = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    block = max(_BLOCK // len(cluster), 1)
    # The bar comes only where it takes long.
    starts = progress(range(0, resamples, block), desc="intervals", delay=2, leave=False)
    parts = [metrics(counts[start : start + block, cluster].astype(np.float64)) for start in starts]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def percentile_interval(values: ArrayLike, level: float = LEVEL) -> Interval | None:
    """Return the interval that holds the middle `level` of a metric's values in resamples.

    Args:
        values: [R], NaN where the metric cannot be computed.
        level: between 0 and 1.

    Returns:
        None where there is no valid interval: where fewer than `COMPUTABLE` of the values are numbers, so that the
        others are a biased sample, or where it has no width because nearly all of them are equal, for example those of
        a sensitivity of 1, which does not mean certainty.

    Example:
        >>> percentile_interval([0.1, 0.2, 0.3, 0.4, 0.5], level=0.5)
        Interval(low=0.2, high=0.4)
    """
    array = np.asarray(values, dtype=np.float64)
    computed = array[~np.isnan(array)]
    if not len(array) or len(computed) < COMPUTABLE * len(array):
        return None
    low, high = np.quantile(computed, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high)) if low < high else None
