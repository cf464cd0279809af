"""Metrics of weighted cases: what a bootstrap computes of many resamples at once."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

Values = dict[str, np.ndarray]
"""Name of a metric → its value in each of R resamples, [R], NaN where it cannot be computed."""

WeightedMetrics = Callable[[np.ndarray], Values]
"""From weights, float64 [R, N], how often each of N cases counts in each of R resamples, to the metrics' values."""


def ratio(part: ArrayLike, whole: ArrayLike) -> np.ndarray:
    """Return part / whole, NaN where the whole is 0.

    Example:
        >>> ratio([1.0, 0.0], [4.0, 0.0])
        array([0.25,  nan])
    """
    below = np.asarray(whole, dtype=np.float64)
    return np.divide(part, below, out=np.full(below.shape, np.nan), where=below > 0)


def weighted_ratios(parts: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> WeightedMetrics:
    """Return a function of weights that gives ratios of sums, NaN where the whole is nothing.

    Args:
        parts: name → part [N] and whole [N].

    Example:
        >>> sensitivity = weighted_ratios({"sensitivity": (np.array([1, 0, 0]), np.array([1, 1, 0]))})
        >>> sensitivity(np.array([[1.0, 1.0, 1.0], [3.0, 1.0, 0.0]]))
        {'sensitivity': array([0.5 , 0.75])}
    """
    return lambda weights: {name: ratio(weights @ part, weights @ whole) for name, (part, whole) in parts.items()}


def unweighted(metrics: WeightedMetrics, count: int) -> dict[str, float | None]:
    """Return the metrics of `count` cases that count once each, None where one cannot be computed.

    Example:
        >>> unweighted(weighted_ratios({"recall": (np.array([1, 0, 0]), np.array([1, 1, 0]))}), 3)
        {'recall': 0.5}
    """
    return {name: number(float(value[0])) for name, value in metrics(np.ones((1, count))).items()}


def number(value: float) -> float | None:
    """Return a metric as JSON has it, None for NaN.

    Example:
        >>> number(0.5), number(float("nan"))
        (0.5, None)
    """
    return None if np.isnan(value) else value
