"""Calibration: the reliability diagram, and what a temperature fitted on the validation makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bundle.calibration import (
    BINS,
    apply_bias_corrected,
    at_limit,
    fit_temperature,
    reliability,
    scale_temperature,
    shift_for_prevalence,
    weighted_calibration,
    with_prevalence,
)
from bundle.figures import COLOURS, draw_diagonal, legend_below, unit_axes
from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.predictions import Predictions
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content
from bundle.statistics import with_intervals

PREVALENCES = (0.05, 0.15, 0.3, 0.5)
"""Shares of slices with a hemorrhage for which the calibration is told."""


def calibration(evaluation: Evaluation) -> Content:
    """Return the content of ``calibration``.

    - ``bins``: of the reliability diagram and the expected calibration error, of equal width.
    - ``temperature``: fitted on the validation, None where that has no known label or is not there.
    - ``at_limit``: whether the temperature is at an end of what is tried.
    - ``before``, ``after`` (None without a temperature): ``labels``, label → ``calibration_error`` and ``brier``, each
      ``{"value", "interval"}``, and ``reliability`` of *any*, a list of ``{"count", "predicted", "observed"}``.
    - ``share``: of the slices with a hemorrhage, None where no *any* is known.
    - ``prevalences``: for each of `PREVALENCES`, ``{"prevalence", "as_is", "shifted"}``, the calibration error of
      P(any) where that share of slices has a hemorrhage, and after *normal* is shifted to it
      (`bundle.calibration.shift_for_prevalence`), each ``{"value", "interval"}``; none for the task multilabel, which
      has no *normal*, or where all slices or none have a hemorrhage.
    """
    predictions, validation = evaluation.predictions, evaluation.validation
    task, temperature = predictions.task, None
    if validation is not None:
        temperature = fit_temperature(validation.probabilities, validation.labels, task)
    known = predictions.restricted(predictions.known)
    scaled = None if temperature is None else scale_temperature(predictions.probabilities, task, temperature)
    return {
        "bins": BINS,
        "temperature": temperature,
        "at_limit": temperature is not None and at_limit(temperature),
        "before": _reliability_of(predictions),
        "after": None if scaled is None else _reliability_of(replace(predictions, probabilities=scaled)),
        "share": float(known.truth.mean()) if len(known) else None,
        "prevalences": _at_prevalences(known),
    }


def draw_calibration(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    """Draw the reliability diagram of *any*."""
    content = summary["calibration"]
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


def _at_prevalences(known: Predictions) -> list[dict[str, Any]]:
    truth = known.truth
    if known.task == "multilabel" or len(set(truth)) < 2:
        return []

    def error(predictions: Predictions, prevalence: float) -> dict[str, Any]:
        metrics = with_prevalence(weighted_calibration(truth, predictions.p_any), truth, prevalence)
        return with_intervals(metrics, known.clusters)["calibration_error"]

    told = []
    for prevalence in PREVALENCES:
        shift = shift_for_prevalence(truth, prevalence)
        shifted = replace(known, probabilities=apply_bias_corrected(known.probabilities, known.task, 1, shift))
        told.append(
            {"prevalence": prevalence, "as_is": error(known, prevalence), "shifted": error(shifted, prevalence)}
        )
    return told


def reliability_figure(points: Mapping[str, Sequence[Mapping[str, float]]]) -> Figure:
    """Draw a reliability diagram: on the diagonal, what the network says is as often true.

    Args:
        points: name of a curve, such as ``before`` → its bins, each with ``count``, ``predicted`` and ``observed``.
    """
    figure, axes = unit_axes("Mean predicted P(any)", "Fraction of positive slices")
    draw_diagonal(axes)
    for index, (name, bins) in enumerate(points.items()):
        predicted, observed, count = (
            np.array([each[key] for each in bins]) for key in ("predicted", "observed", "count")
        )
        label = f"{name} temperature scaling" if len(points) > 1 else "as the network says"
        colour = COLOURS[4 - 3 * index]
        axes.plot(predicted, observed, color=colour, linestyle=("-", "--")[index], linewidth=1.7, label=label)
        axes.scatter(predicted, observed, s=12 + 160 * count / count.sum(), color=colour, alpha=0.6)
    legend_below(figure, "Larger dots: more slices")
    return figure
