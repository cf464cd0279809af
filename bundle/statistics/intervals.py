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
    """
    drawn = bootstrap(metrics, clusters)
    values = unweighted(metrics, len(clusters))
    return {name: {"value": value, "interval": interval_of(drawn[name])} for name, value in values.items()}


def interval_of(values: np.ndarray) -> list[float] | None:
    """Return low and high of a metric's values in resamples; None where `percentile_interval` gives none."""
    found = percentile_interval(values)
    return None if found is None else list(found)
