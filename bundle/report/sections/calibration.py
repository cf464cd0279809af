"""Calibration: the reliability diagram, and what a temperature fitted on the validation makes of it."""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bundle.calibration import BINS, RANGE, fit_temperature, reliability, scale_temperature, weighted_calibration
from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.predictions import Predictions
from bundle.report.evaluation import Evaluation
from bundle.report.figures import reliability_figure
from bundle.report.sections.section import Content
from bundle.statistics import with_intervals


def calibration(evaluation: Evaluation) -> Content:
    """Return the content of ``calibration``.

    - ``bins``: of the reliability diagram and the expected calibration error, of equal width.
    - ``temperature``: fitted on the validation, None where that has no known label or is not there.
    - ``at_limit``: whether the temperature is at an end of what is tried.
    - ``before``, ``after`` (None without a temperature): ``labels``, label → ``calibration_error`` and ``brier``, each
      ``{"value", "interval"}``, and ``reliability`` of *any*, a list of ``{"count", "predicted", "observed"}``.
    """
    predictions, validation = evaluation.predictions, evaluation.validation
    task, temperature = predictions.task, None
    if validation is not None:
        temperature = fit_temperature(validation.probabilities, validation.labels, task)
    scaled = None if temperature is None else scale_temperature(predictions.probabilities, task, temperature)
    return {
        "bins": BINS,
        "temperature": temperature,
        "at_limit": temperature is not None and not 1.05 * RANGE[0] < temperature < RANGE[1] / 1.05,
        "before": _reliability_of(predictions),
        "after": None if scaled is None else _reliability_of(replace(predictions, probabilities=scaled)),
    }


def draw_calibration(evaluation: Evaluation, content: Content) -> dict[str, Figure | None]:
    """Draw the reliability diagram of *any*."""
    points = {name: content[name]["reliability"] for name in ("before", "after") if content[name] is not None}
    return {"reliability": reliability_figure(points) if content["before"]["reliability"] else None}


def _reliability_of(predictions: Predictions) -> dict[str, Any]:
    labels: dict[str, Any] = {}
    points: list[dict[str, Any]] = []
    for column, name in enumerate(LABELS):
        truth, probability = predictions.labels[:, column], predictions.label_probabilities[:, column]
        known = (truth != UNKNOWN) & ~np.isnan(probability)
        if not known.any():
            continue
        metrics = weighted_calibration(truth[known], probability[known])
        labels[name] = with_intervals(metrics, predictions.clusters[known])
        if name == ANY:
            points = [
                {"count": int(count), "predicted": float(predicted), "observed": float(observed)}
                for count, predicted, observed in zip(*reliability(truth[known], probability[known]), strict=True)
            ]
    return {"labels": labels, "reliability": points}
