"""Studies: what the slices say of a study as a whole, by the rule in force and by others."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score

from bundle.calibration import resampled_decisions, threshold_for_sensitivity
from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.metrics import (
    STUDY_RULE,
    STUDY_RULES,
    group_members,
    label_probabilities,
    resampled_metrics,
    resampled_ranking,
    roc_curves,
    study_labels,
    study_scores,
)
from bundle.report.evaluation import Evaluation
from bundle.report.figures import study_roc_figure
from bundle.report.intervals import clusters_of, figures_with_intervals
from bundle.report.predictions import Predictions
from bundle.report.sections.section import Content
from bundle.report.sections.uncertainty import limits_of
from bundle.uncertainty import LEVELS, any_sets, fewest, resampled_coverage

SENSITIVITY = 0.95
"""That a rule's own threshold gives on validation."""

_ANY = LABELS.index(ANY)


def studies(evaluation: Evaluation) -> Content:
    """Return the content of ``studies``.

    - ``rule``: the one in force, `bundle.metrics.STUDY_RULE`; ``preferred``: the one with the highest AUC on
      validation, the one in force where several are equal, None where that cannot be computed.
    - ``counts``: ``{"studies", "positive", "negative", "unknown", "named", "of_patients", "of_slices"}``: of *any*; and
      how many studies are told by name, and how many by their patient or their slice for want of one.
    - ``metrics``: every figure of a slice, of studies by the rule in force at the threshold of slices, each ``{"value",
      "interval"}``.
    - ``rules``: rule → ``{"validation_auc", "auc", "at_threshold", "own_threshold", "at_own"}``: the AUC of *any* on
      validation, and on the evaluated split ``{"value", "interval"}``; what calling at the slices' threshold is worth,
      and at the rule's own, which has a sensitivity of `SENSITIVITY` on validation. None where it cannot be computed.
    - ``sets``: for each level ``{"level", "needed", "calibrated", "figures"}``: prediction sets of *any* by study; how
      many normal and positive studies it takes, and how many validation has. Empty without a validation.
    """
    predictions, validation = evaluation.predictions, evaluation.validation
    labels, clusters = _labels(predictions), _clusters(predictions)
    truth = labels[:, _ANY]
    rules = {rule: _rule(evaluation, rule) for rule in STUDY_RULES}
    of_validation = {rule: found["validation_auc"] for rule, found in rules.items()}
    ordered = sorted(STUDY_RULES, key=lambda rule: rule != STUDY_RULE)
    preferred = None if None in of_validation.values() else max(ordered, key=lambda rule: of_validation[rule])
    task = "binary" if predictions.task == "binary" else "multilabel"
    figures = resampled_metrics(_task_scores(predictions, STUDY_RULE), labels, task, evaluation.threshold)
    kinds = [name.split(" ", 1)[0] for name in dict.fromkeys(predictions.studies)]
    return {
        "rule": STUDY_RULE,
        "preferred": preferred,
        "counts": {
            "studies": len(truth),
            "positive": int(np.sum(truth == 1)),
            "negative": int(np.sum(truth == 0)),
            "unknown": int(np.sum(truth == UNKNOWN)),
            "named": kinds.count("study"),
            "of_patients": kinds.count("patient"),
            "of_slices": kinds.count("slice"),
        },
        "metrics": figures_with_intervals(figures, clusters),
        "rules": rules,
        "sets": [] if validation is None else [_sets(predictions, validation, level) for level in LEVELS],
    }


def draw_studies(evaluation: Evaluation, content: Content) -> dict[str, Figure | None]:
    """Draw the ROC curves of *any* by study."""
    auc = {rule: found["auc"]["value"] for rule, found in content["rules"].items() if found["auc"] is not None}
    if not auc:
        return {"study_roc": None}
    labels = _labels(evaluation.predictions)
    curves = {}
    for rule in auc:
        p_any = _any_scores(evaluation.predictions, rule)
        curves[rule] = roc_curves(np.column_stack([1 - p_any, p_any]), labels, "binary")[ANY]
    return {"study_roc": study_roc_figure(curves, auc)}


def _rule(evaluation: Evaluation, rule: str) -> dict[str, Any]:
    predictions, validation = evaluation.predictions, evaluation.validation
    truth, score = _labels(predictions)[:, _ANY], _any_scores(predictions, rule)
    known = truth != UNKNOWN
    y, p, clusters = truth[known], score[known], _clusters(predictions)[known]
    own = validation_auc = None
    if validation is not None:
        fitted, fitted_score = _labels(validation)[:, _ANY], _any_scores(validation, rule)
        own = threshold_for_sensitivity(fitted, fitted_score, SENSITIVITY)
        validation_auc = _auc(fitted, fitted_score)
    two_sided = 0 in y and 1 in y
    return {
        "validation_auc": validation_auc,
        "auc": figures_with_intervals(resampled_ranking(y, p), clusters)["auc"] if two_sided else None,
        "at_threshold": _called(y, p >= evaluation.threshold, clusters),
        "own_threshold": own,
        "at_own": None if own is None else _called(y, p >= own, clusters),
    }


def _called(truth: np.ndarray, called: np.ndarray, clusters: np.ndarray) -> dict[str, Any] | None:
    return figures_with_intervals(resampled_decisions(truth, called), clusters) if len(truth) else None


def _auc(truth: np.ndarray, score: np.ndarray) -> float | None:
    known = truth != UNKNOWN
    return float(roc_auc_score(truth[known], score[known])) if {0, 1} <= set(truth) else None


def _sets(predictions: Predictions, validation: Predictions, level: float) -> dict[str, Any]:
    limits, fitted = limits_of(validation, level), _labels(validation)[:, _ANY]
    truth = _labels(predictions)[:, _ANY]
    known = truth != UNKNOWN
    sets = any_sets(_any_scores(predictions, STUDY_RULE), (limits.study_normal, limits.study_hemorrhage))
    found = None
    if known.any():
        figures = resampled_coverage(sets[known], np.column_stack([truth == 0, truth == 1])[known])
        names = {"coverage_0": "coverage_normal", "coverage_1": "coverage_hemorrhage"}
        told = figures_with_intervals(figures, _clusters(predictions)[known])
        found = {names.get(name, name): figure for name, figure in told.items()}
    return {
        "level": level,
        "needed": fewest(level),
        "calibrated": {"normal": int(np.sum(fitted == 0)), "hemorrhage": int(np.sum(fitted == 1))},
        "figures": found,
    }


def _labels(predictions: Predictions) -> np.ndarray:
    return study_labels(predictions.labels, predictions.studies, predictions.study_labels)


def _clusters(predictions: Predictions) -> np.ndarray:
    clusters = clusters_of(predictions)
    return np.array([clusters[members[0]] for members in group_members(predictions.studies)])


def _any_scores(predictions: Predictions, rule: str) -> np.ndarray:
    p_any = label_probabilities(predictions.probabilities, predictions.task)[:, _ANY]
    return np.clip(study_scores(p_any, predictions.studies, rule), 0, 1)


def _task_scores(predictions: Predictions, rule: str) -> np.ndarray:
    """Return the studies' probabilities as those of the task ``multilabel``, or ``binary`` where that is the task."""
    if predictions.task == "binary":
        p_any = _any_scores(predictions, rule)
        return np.column_stack([1 - p_any, p_any])
    of_labels = label_probabilities(predictions.probabilities, predictions.task)
    return np.clip(study_scores(of_labels, predictions.studies, rule), 0, 1)
