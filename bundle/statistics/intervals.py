"""Metrics with their intervals over patients, as JSON has them."""

from typing import Any

import numpy as np

from bundle.statistics.bootstrap import bootstrap, percentile_interval
from bundle.statistics.weighted import WeightedMetrics, unweighted


def with_intervals(metrics: WeightedMetrics, clusters: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return name → ``{"value", "interval"}``, each None where there is none; see `bootstrap`.

    Args:
        metrics: of N cases.
        clusters: [N], the patient of each case.

    Example:
        >>> from bundle.statistics import weighted_ratios
        >>> accuracy = weighted_ratios({"accuracy": (np.array([1, 0] * 50), np.ones(100))})
        >>> with_intervals(accuracy, np.arange(100))
        {'accuracy': {'value': 0.5, 'interval': [0.4, 0.6]}}
    """
    drawn = bootstrap(metrics, clusters)
    values = unweighted(metrics, len(clusters))
    return {name: {"value": value, "interval": interval_of(drawn[name])} for name, value in values.items()}


def interval_of(values: np.ndarray) -> list[float] | None:
    """Return low and high of a metric's values in resamples; None where `percentile_interval` gives none.

    Example:
        >>> interval_of(np.arange(101) / 100), interval_of(np.ones(101))
        ([0.025..., 0.975], None)
    """
    found = percentile_interval(values)
    return None if found is None else list(found)
