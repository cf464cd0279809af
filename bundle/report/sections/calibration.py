"""Calibration: the reliability diagram, and what a temperature fitted on the validation makes of it."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bundle.calibration import BINS, RANGE, fit_temperature, reliability, resampled_calibration, scale_temperature
from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.metrics import label_probabilities
from bundle.report.evaluation import Evaluation
from bundle.report.figures import reliability_figure
from bundle.report.intervals import clusters_of, figures_with_intervals
from bundle.report.sections.section import Content

_ANY = LABELS.index(ANY)


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
        "before": _told(evaluation, predictions.probabilities),
        "after": None if scaled is None else _told(evaluation, scaled),
    }


def draw_calibration(evaluation: Evaluation, content: Content) -> dict[str, Figure | None]:
    """Draw the reliability diagram of *any*."""
    told = {name: content[name]["reliability"] for name in ("before", "after") if content[name] is not None}
    return {"reliability": reliability_figure(told) if content["before"]["reliability"] else None}


def _told(evaluation: Evaluation, probabilities: np.ndarray) -> dict[str, Any]:
    predictions, clusters = evaluation.predictions, clusters_of(evaluation.predictions)
    of_labels = label_probabilities(probabilities, predictions.task)
    labels: dict[str, Any] = {}
    points: list[dict[str, Any]] = []
    for column, name in enumerate(LABELS):
        known = (predictions.labels[:, column] != UNKNOWN) & ~np.isnan(of_labels[:, column])
        if not known.any():
            continue
        truth, probability = predictions.labels[known, column].astype(float), of_labels[known, column]
        labels[name] = figures_with_intervals(resampled_calibration(truth, probability), clusters[known])
        if column == _ANY:
            points = [
                {"count": int(count), "predicted": float(predicted), "observed": float(observed)}
                for count, predicted, observed in zip(*reliability(truth, probability), strict=True)
            ]
    return {"labels": labels, "reliability": points}
