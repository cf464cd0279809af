"""Operating points: thresholds chosen on the validation, and what they give on the evaluated split."""

from functools import partial
from typing import Any

import numpy as np

from bundle.calibration import (
    resampled_decisions,
    threshold_for_sensitivity,
    threshold_for_specificity,
    thresholds_of_others,
)
from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.metrics import label_probabilities
from bundle.report.evaluation import Evaluation
from bundle.report.intervals import clusters_of, figures_with_intervals
from bundle.report.predictions import Predictions
from bundle.report.sections.section import Content
from bundle.statistics import patient_folds

_ANY = LABELS.index(ANY)
Thresholds = float | np.ndarray | None
_CHOOSE = {"sensitivity": threshold_for_sensitivity, "specificity": threshold_for_specificity}


def operating_points(evaluation: Evaluation) -> Content:
    """Return ``{"points", "cross_fitted"}``: a point for each wish, in their order; none without a validation.

    Where the validation itself is evaluated, each fifth of its patients is told by what the other four choose, and
    ``cross_fitted`` is true; ``threshold`` still is that of all.

    A point is ``{"wanted", "share", "threshold", "chosen_on", "counts", "figures"}``: what is wanted ("sensitivity" or
    "specificity") and how much of it; the threshold of P(any), None where the validation has no slice to choose it by;
    how many slices that were; and on the evaluated split, where there is a threshold and a known slice, the counts
    (``tp``, ``fp``, ``fn``, ``tn``) and the figures of `bundle.calibration.resampled_decisions`, each ``{"value",
    "interval"}``.
    """
    if evaluation.validation is None:
        return {"points": [], "cross_fitted": False}
    truth, probability, patients = _known(evaluation.validation)
    cross_fitted = _same_slices(evaluation.predictions, evaluation.validation) and bool(patient_folds(patients))
    told = _known(evaluation.predictions)
    points = []
    for kind, shares in (("sensitivity", evaluation.sensitivities), ("specificity", evaluation.specificities)):
        for share in shares:
            choose = partial(_CHOOSE[kind], wanted=share)
            threshold = choose(truth, probability)
            chosen_on = int(np.sum(truth == (kind == "sensitivity")))
            point = {"wanted": kind, "share": share, "threshold": threshold, "chosen_on": chosen_on}
            thresholds: Thresholds = threshold
            if cross_fitted and threshold is not None:
                thresholds = thresholds_of_others(*told, choose)
            points.append(point | _called(*told, thresholds))
    return {"points": points, "cross_fitted": cross_fitted}


def _same_slices(one: Predictions, other: Predictions) -> bool:
    names = ("image", "slice")
    same = one.patients == other.patients and all(one.details.get(name) == other.details.get(name) for name in names)
    return same and "image" in one.details


def _called(truth: np.ndarray, probability: np.ndarray, clusters: np.ndarray, thresholds: Thresholds) -> dict[str, Any]:
    if thresholds is None or not len(truth):
        return {"counts": None, "figures": None}
    called = probability >= thresholds
    cells = {"tp": called & truth, "fp": called & ~truth, "fn": ~called & truth, "tn": ~called & ~truth}
    return {
        "counts": {name: int(cell.sum()) for name, cell in cells.items()},
        "figures": figures_with_intervals(resampled_decisions(truth, called), clusters),
    }


def _known(predictions: Predictions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of the slices with a known *any*: the truth (bool), P(any), the patient."""
    known = predictions.labels[:, _ANY] != UNKNOWN
    probability = label_probabilities(predictions.probabilities, predictions.task)[known, _ANY]
    return predictions.labels[known, _ANY] == 1, probability, clusters_of(predictions)[known]
