"""Operating points: thresholds chosen on the validation, and what they give on the evaluated split."""

from functools import partial
from typing import Any

import numpy as np

from bundle.calibration import CHOOSE, thresholds_of_others, weighted_decisions
from bundle.predictions import Predictions
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content
from bundle.statistics import with_intervals

Thresholds = float | np.ndarray | None


def operating_points(evaluation: Evaluation) -> Content:
    """Return ``{"points", "cross_fitted"}``: a point for each wish, in their order; none without a validation.

    Where the validation itself is evaluated, each fifth of its patients is told by what the other four choose, and
    ``cross_fitted`` is true; ``threshold`` still is that of all.

    A point is ``{"wanted", "share", "threshold", "chosen_on", "counts", "figures"}``: what is wanted ("sensitivity" or
    "specificity") and how much of it; the threshold of P(any), None where the validation has no slice to choose it by;
    how many slices that were; and on the evaluated split, where there is a threshold and a known slice, the counts
    (``tp``, ``fp``, ``fn``, ``tn``) and the figures of `bundle.calibration.weighted_decisions`, each ``{"value",
    "interval"}``.
    """
    if evaluation.validation is None:
        return {"points": [], "cross_fitted": False}
    validation, evaluated = (each.restricted(each.known) for each in (evaluation.validation, evaluation.predictions))
    cross_fitted = evaluation.cross_fitted
    points = []
    for kind, shares in (("sensitivity", evaluation.sensitivities), ("specificity", evaluation.specificities)):
        for share in shares:
            choose = partial(CHOOSE[kind], wanted=share)
            threshold = choose(validation.truth, validation.p_any)
            chosen_on = int(np.sum(validation.truth == (kind == "sensitivity")))
            point = {"wanted": kind, "share": share, "threshold": threshold, "chosen_on": chosen_on}
            thresholds: Thresholds = threshold
            if cross_fitted and threshold is not None:
                thresholds = thresholds_of_others(evaluated.truth, evaluated.p_any, evaluated.clusters, choose)
            points.append(point | _called(evaluated, thresholds))
    return {"points": points, "cross_fitted": cross_fitted}


def _called(evaluated: Predictions, thresholds: Thresholds) -> dict[str, Any]:
    if thresholds is None or not len(evaluated):
        return {"counts": None, "figures": None}
    truth, called = evaluated.truth == 1, evaluated.p_any >= thresholds
    cells = {"tp": called & truth, "fp": called & ~truth, "fn": ~called & truth, "tn": ~called & ~truth}
    return {
        "counts": {name: int(cell.sum()) for name, cell in cells.items()},
        "figures": with_intervals(weighted_decisions(truth, called), evaluated.clusters),
    }
