"""Uncertainty: prediction sets, likeness to validation, and the errors left when doubtful slices are referred."""

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bundle.predictions import Predictions, true_classes
from bundle.report.evaluation import Evaluation
from bundle.report.sections.risk_coverage import errors_left, risk_coverage_figure
from bundle.report.sections.section import Content
from bundle.statistics import weighted_ratios, with_intervals
from bundle.uncertainty import (
    ANY_CLASSES,
    LEVELS,
    SET_CLASSES,
    Limits,
    any_sets,
    class_sets,
    classes_known,
    coverage_by_patient,
    covered,
    fewest,
    fit_limits,
    limits_by_patient,
    refer,
    risk_coverage,
    weighted_coverage,
)


def uncertainty(evaluation: Evaluation) -> Content | None:
    """Return the content of ``uncertainty``, None without a validation.

    - ``calibrated``: slices of validation behind the limits: ``{"normal", "hemorrhage", "classes", "distances"}``.
    - ``cross_fitted``: whether the validation itself is evaluated, and each fifth of its patients told by the limits of
      the other four; ``limits`` still are those of all.
    - ``levels``: for each of `LEVELS` ``{"level", "needed", "limits", "any", "classes", "referral"}``: how many slices
      of a kind it takes; the limits, None where infinite or not there; of the sets ``{"slices", "figures",
      "by_patient"}``, the figures each ``{"value", "interval"}``, None where no slice is known; and what the rule
      refers, see `_referral`.
    - ``doubt``: ``probability`` (how near P(any) is to the threshold) and ``distance``, None where it was not taken:
      ``{"area", "shares"}``, see `bundle.report.sections.risk_coverage.errors_left`.
    """
    predictions, validation = evaluation.predictions, evaluation.validation
    if validation is None:
        return None
    truth = validation.truth
    return {
        "calibrated": {
            "normal": int(np.sum(truth == 0)),
            "hemorrhage": int(np.sum(truth == 1)),
            "classes": 0 if predictions.task == "binary" else int(classes_known(validation.labels).sum()),
            "distances": 0 if validation.distances is None else int(np.isfinite(validation.distances).sum()),
        },
        "cross_fitted": evaluation.cross_fitted,
        "levels": [_level(evaluation, validation, level) for level in LEVELS],
        "doubt": {name: _curve(evaluation, doubt) for name, doubt in _doubts(evaluation).items()},
    }


def draw_uncertainty(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    """Draw the errors left against the share referred."""
    content = summary["uncertainty"]
    wrong, _, known = _mistakes(evaluation)
    if content is None or not known.any():
        return {"risk_coverage": None}
    doubts = _doubts(evaluation)
    curves = {name: risk_coverage(wrong[known], doubt[known]) for name, doubt in doubts.items() if doubt is not None}
    points = {
        f"at {each['level']:.0%}": (each["referral"]["referred"]["value"], each["referral"]["errors"]["value"])
        for each in content["levels"]
    }
    return {"risk_coverage": risk_coverage_figure(curves, points)}


def _level(evaluation: Evaluation, validation: Predictions, level: float) -> dict[str, Any]:
    predictions, limits = evaluation.predictions, fit_limits(validation, level)
    of_patients = limits_by_patient(validation, level) if evaluation.cross_fitted else {}
    each = np.array([of_patients.get(patient, limits) for patient in predictions.clusters])
    _, normal, hemorrhage, classes, distance = each.T
    sets, truth = any_sets(predictions.p_any, np.column_stack([normal, hemorrhage])), predictions.truth
    of_any = _sets(predictions, sets, np.column_stack([truth == 0, truth == 1]), predictions.known, limits, ANY_CLASSES)
    of_classes = None
    if predictions.task != "binary":
        labels = predictions.labels
        found = class_sets(predictions.probabilities, predictions.task, classes[:, None])
        of_classes = _sets(predictions, found, true_classes(labels), classes_known(labels), limits, SET_CLASSES)
    return {
        "level": limits.level,
        "needed": fewest(limits.level),
        "limits": {
            name: value if math.isfinite(value) else None for name, value in limits._asdict().items() if name != "level"
        },
        "any": of_any,
        "classes": of_classes,
        "referral": _referral(evaluation, sets, distance),
    }


def _sets(
    predictions: Predictions,
    sets: np.ndarray,
    truth: np.ndarray,
    known: np.ndarray,
    limits: Limits,
    classes: tuple[str, ...],
) -> dict[str, Any]:
    count = int(known.sum())
    if not count:
        return {"slices": 0, "figures": None, "by_patient": None}
    clusters = predictions.clusters[known]
    metrics = with_intervals(weighted_coverage(sets[known], truth[known]), clusters)
    names = {f"coverage_{k}": f"coverage_{name}" for k, name in enumerate(classes)}
    by_patient = coverage_by_patient(covered(sets[known], truth[known]), clusters, limits.level)
    return {
        "slices": count,
        "figures": {names.get(name, name): metric for name, metric in metrics.items()},
        "by_patient": by_patient._asdict(),
    }


def _referral(evaluation: Evaluation, sets: np.ndarray, limits: np.ndarray) -> dict[str, Any] | None:
    """Return ``referred``, ``undecided``, ``unlike``, ``errors``, ``missed`` and ``error_rate`` of what is left.

    The first five are shares of all slices with a known *any*. None where there is none.

    Args:
        evaluation: what is reported.
        sets: bool [N, 2], of *any*.
        limits: [N], of the distance.
    """
    wrong, missed, known = _mistakes(evaluation)
    if not known.any():
        return None
    distances = evaluation.predictions.distances
    referral = refer(sets, np.full(len(sets), np.nan) if distances is None else distances, limits)
    parts, everything = {"referred": referral.any, "undecided": referral.undecided, "unlike": referral.unlike}, known
    parts |= {"errors": wrong & ~referral.any, "missed": missed & ~referral.any}
    ratios = {name: (part[known], everything[known]) for name, part in parts.items()}
    ratios["error_rate"] = (parts["errors"][known], ~referral.any[known])
    return with_intervals(weighted_ratios(ratios), evaluation.predictions.clusters[known])


def _mistakes(evaluation: Evaluation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which slices are called wrongly, which of them are missed bleeds, and of which *any* is known."""
    predictions = evaluation.predictions
    truth, known, decided = predictions.truth, predictions.known, predictions.decided(evaluation.threshold)
    return known & (decided != truth), known & (truth == 1) & (decided == 0), known


def _doubts(evaluation: Evaluation) -> dict[str, np.ndarray | None]:
    predictions = evaluation.predictions
    return {"probability": -np.abs(predictions.p_any - evaluation.threshold), "distance": predictions.distances}


def _curve(evaluation: Evaluation, doubt: np.ndarray | None) -> dict[str, Any] | None:
    wrong, missed, known = _mistakes(evaluation)
    if doubt is None or not known.any():
        return None
    return errors_left(wrong[known], missed[known], doubt[known])
