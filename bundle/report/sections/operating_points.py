"""Operating points: thresholds chosen on the validation, and what they give on the evaluated split."""

from typing import Any

import numpy as np

from bundle.calibration import resampled_decisions, threshold_for_sensitivity, threshold_for_specificity
from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.metrics import label_probabilities
from bundle.report.evaluation import Evaluation
from bundle.report.intervals import clusters_of, figures_with_intervals
from bundle.report.predictions import Predictions
from bundle.report.sections.section import Content

_ANY = LABELS.index(ANY)
_CHOOSE = {"sensitivity": threshold_for_sensitivity, "specificity": threshold_for_specificity}


def operating_points(evaluation: Evaluation) -> Content:
    """Return ``{"points"}``: one for each wish, in their order; none without a validation to choose on.

    A point is ``{"wanted", "share", "threshold", "chosen_on", "counts", "figures"}``: what is wanted ("sensitivity" or
    "specificity") and how much of it; the threshold of P(any), None where the validation has no slice to choose it by;
    how many slices that were; and on the evaluated split, where there is a threshold and a known slice, the counts
    (``tp``, ``fp``, ``fn``, ``tn``) and the figures of `bundle.calibration.resampled_decisions`, each ``{"value",
    "interval"}``.
    """
    if evaluation.validation is None:
        return {"points": []}
    truth, probability, _ = _known(evaluation.validation)
    points = []
    for kind, shares in (("sensitivity", evaluation.sensitivities), ("specificity", evaluation.specificities)):
        for share in shares:
            threshold = _CHOOSE[kind](truth, probability, share)
            chosen_on = int(np.sum(truth == (kind == "sensitivity")))
            point = {"wanted": kind, "share": share, "threshold": threshold, "chosen_on": chosen_on}
            points.append(point | _told(evaluation.predictions, threshold))
    return {"points": points}


def _told(predictions: Predictions, threshold: float | None) -> dict[str, Any]:
    truth, probability, clusters = _known(predictions)
    if threshold is None or not len(truth):
        return {"counts": None, "figures": None}
    called = probability >= threshold
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
