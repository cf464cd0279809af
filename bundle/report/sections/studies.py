"""Studies: what the slices say of a study as a whole, by the rule in force and by others."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bundle.calibration import threshold_for_sensitivity, thresholds_of_others, weighted_decisions
from bundle.figures import COLOURS, DASHES, draw_diagonal, legend_below, unit_axes
from bundle.labels import ANY, UNKNOWN
from bundle.metrics import RocCurve, roc_curves, weighted_metrics, weighted_ranking
from bundle.predictions import STUDY_RULE, STUDY_RULES, Predictions
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content
from bundle.statistics import patient_folds, unweighted, with_intervals
from bundle.uncertainty import LEVELS, any_sets, fewest, fit_any, weighted_coverage

SENSITIVITY = 0.95
"""That a rule's own threshold gives on validation."""

_CHOOSE = partial(threshold_for_sensitivity, wanted=SENSITIVITY)


def studies(evaluation: Evaluation) -> Content:
    """Return the content of ``studies``.

    - ``rule``: the one in force, `bundle.predictions.STUDY_RULE`; ``preferred``: the one with the highest AUC on
      validation, the one in force where several are equal, None where that cannot be computed.
    - ``counts``: ``{"studies", "positive", "negative", "unknown", "named", "of_patients", "of_slices"}``: of *any*; and
      how many studies are told by name, and how many by their patient or their slice for want of one.
    - ``cross_fitted``: whether the validation itself is evaluated, and each fifth of its patients told by the threshold
      and the limits of the other four; ``own_threshold`` still is that of all.
    - ``metrics``: every figure of a slice, of studies by the rule in force at the threshold of slices, each ``{"value",
      "interval"}``.
    - ``rules``: rule → ``{"validation_auc", "auc", "at_threshold", "own_threshold", "at_own"}``: the AUC of *any* on
      validation, and on the evaluated split ``{"value", "interval"}``; what calling at the slices' threshold is worth,
      and at the rule's own, which has a sensitivity of `SENSITIVITY` on validation. None where it cannot be computed.
    - ``sets``: for each level ``{"level", "needed", "calibrated", "figures"}``: prediction sets of *any* by study; how
      many normal and positive studies it takes, and how many validation has. Empty without a validation.
    """
    predictions, validation = evaluation.predictions, evaluation.validation
    of_studies = predictions.by_study()
    truth = of_studies.truth
    rules = {rule: _rule(evaluation, rule) for rule in STUDY_RULES}
    of_validation = {rule: found["validation_auc"] for rule, found in rules.items()}
    ordered = sorted(STUDY_RULES, key=lambda rule: rule != STUDY_RULE)
    preferred = None if None in of_validation.values() else max(ordered, key=lambda rule: of_validation[rule])
    metrics = weighted_metrics(of_studies.probabilities, of_studies.labels, of_studies.task, evaluation.threshold)
    kinds = [name[0] for name in dict.fromkeys(predictions.studies)]
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
        "cross_fitted": evaluation.cross_fitted,
        "metrics": with_intervals(metrics, of_studies.clusters),
        "rules": rules,
        "sets": [] if validation is None else [_sets(evaluation, validation, level) for level in LEVELS],
    }


def draw_studies(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    """Draw the ROC curves of *any* by study."""
    auc = {
        rule: found["auc"]["value"] for rule, found in summary["studies"]["rules"].items() if found["auc"] is not None
    }
    if not auc:
        return {"study_roc": None}
    curves = {}
    for rule in auc:
        of_studies = evaluation.predictions.by_study(rule)
        curves[rule] = roc_curves(of_studies.probabilities, of_studies.labels, of_studies.task)[ANY]
    return {"study_roc": study_roc_figure(curves, auc)}


def _rule(evaluation: Evaluation, rule: str) -> dict[str, Any]:
    of_studies = evaluation.predictions.by_study(rule)
    known = of_studies.known
    y, p, clusters = of_studies.truth[known], of_studies.p_any[known], of_studies.clusters[known]
    own = validation_auc = None
    if evaluation.validation is not None:
        fitted = evaluation.validation.by_study(rule)
        own = _CHOOSE(fitted.truth, fitted.p_any)
        validation_auc = _auc(fitted)
    thresholds: float | np.ndarray | None = own
    if own is not None and evaluation.cross_fitted:
        thresholds = thresholds_of_others(y, p, clusters, _CHOOSE)
    two_sided = 0 in y and 1 in y
    return {
        "validation_auc": validation_auc,
        "auc": with_intervals(weighted_ranking(y, p), clusters)["auc"] if two_sided else None,
        "at_threshold": _called(y, p >= evaluation.threshold, clusters),
        "own_threshold": own,
        "at_own": None if thresholds is None else _called(y, p >= thresholds, clusters),
    }


def _called(truth: np.ndarray, called: np.ndarray, clusters: np.ndarray) -> dict[str, Any] | None:
    return with_intervals(weighted_decisions(truth, called), clusters) if len(truth) else None


def _auc(of_studies: Predictions) -> float | None:
    known = of_studies.known
    return unweighted(weighted_ranking(of_studies.truth[known], of_studies.p_any[known]), int(known.sum()))["auc"]


def _sets(evaluation: Evaluation, validation: Predictions, level: float) -> dict[str, Any]:
    fitted, of_studies = validation.by_study(), evaluation.predictions.by_study()
    p_any, truth, known = of_studies.p_any, of_studies.truth, of_studies.known
    sets = any_sets(p_any, fit_any(fitted.p_any, fitted.truth, level))
    for others, own in patient_folds(of_studies.clusters) if evaluation.cross_fitted else ():
        sets[own] = any_sets(p_any[own], fit_any(p_any[others], truth[others], level))
    found = None
    if known.any():
        coverage = weighted_coverage(sets[known], np.column_stack([truth == 0, truth == 1])[known])
        names = {"coverage_0": "coverage_normal", "coverage_1": "coverage_hemorrhage"}
        metrics = with_intervals(coverage, of_studies.clusters[known])
        found = {names.get(name, name): metric for name, metric in metrics.items()}
    return {
        "level": level,
        "needed": fewest(level),
        "calibrated": {"normal": int(np.sum(fitted.truth == 0)), "hemorrhage": int(np.sum(fitted.truth == 1))},
        "figures": found,
    }


def study_roc_figure(curves: Mapping[str, RocCurve], auc: Mapping[str, float]) -> Figure:
    """Draw the ROC curve of *any* by study, of each rule.

    Args:
        curves: rule → curve.
        auc: rule → area under it.
    """
    figure, axes = unit_axes("False positive rate (1 − specificity)", "True positive rate (sensitivity)")
    draw_diagonal(axes)
    for index, (rule, curve) in enumerate(curves.items()):
        axes.plot(
            curve.false_positive_rate, curve.true_positive_rate, label=f"{rule} {auc[rule]:.3f}",
            color=COLOURS[4 - index % 5], linestyle=DASHES[-1 - index % 6], linewidth=1.7,
        )  # fmt: skip
    legend_below(figure, "Rule and its AUC by study")
    return figure
