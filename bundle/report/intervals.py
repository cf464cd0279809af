"""How the figures of a report get their intervals: by drawing its patients anew."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bundle.report.predictions import Predictions
from bundle.statistics import bootstrap, percentile_interval

Interval = list[float] | None
"""Low and high; None where there is no honest one, see `bundle.statistics.percentile_interval`."""


def clusters_of(predictions: Predictions) -> np.ndarray:
    """Return the patient of each slice, [N]; a slice that names none is taken for a patient of its own."""
    own = (f"\0{line}" for line in predictions.lines)
    return np.array([patient or alone for patient, alone in zip(predictions.patients, own, strict=True)])


def figures_with_intervals(
    figures: Callable[[np.ndarray], Mapping[str, np.ndarray]], clusters: np.ndarray
) -> dict[str, dict[str, Any]]:
    """Return name → ``{"value", "interval"}`` of figures of weights, see `bundle.statistics.bootstrap`.

    Args:
        figures: from weights [R, N] to name → [R], NaN where a figure cannot be computed.
        clusters: [N], the patient of each slice.
    """
    values = figures(np.ones((1, len(clusters))))
    drawn = bootstrap(figures, clusters)
    return {
        name: {"value": number(float(value[0])), "interval": interval_of(drawn[name])} for name, value in values.items()
    }


def interval_of(values: np.ndarray) -> Interval:
    """Return the interval of a figure's values in resamples, as JSON has it."""
    found = percentile_interval(values)
    return None if found is None else list(found)


def number(value: float) -> float | None:
    """Return a figure as JSON has it, None for NaN."""
    return None if np.isnan(value) else value
