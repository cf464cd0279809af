"""Heads: what is said of whole heads, and what would be done with them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from bundle.calibration import weighted_calibration, weighted_decisions
from bundle.heads import (
    SENSITIVITY,
    SPECIFICITY,
    Action,
    Assessed,
    WholeHeads,
    assess,
    assess_cross_fitted,
    decide,
    fit_on_heads,
    head_peak,
    scores_of_peaks,
    thin_heads,
    whole_heads,
)
from bundle.heads.fit import Rule
from bundle.labels import ANY_INDEX, SUBTYPES, UNKNOWN
from bundle.metrics import weighted_ranking
from bundle.predictions import STUDY_RULES
from bundle.report.evaluation import Evaluation
from bundle.report.sections.risk_coverage import errors_left, risk_coverage_figure
from bundle.report.sections.section import Content
from bundle.statistics import Values, WeightedMetrics, weighted_ratios, with_intervals
from bundle.uncertainty import (
    ANY_CLASSES,
    LEVEL,
    UNLIKE,
    fewest,
    fit_limits,
    limits_by_patient,
    risk_coverage,
    weighted_coverage,
)

IN_FORCE = "peak"
"""Name of `bundle.heads.head_peak` among the rules."""


class _Heads(NamedTuple):
    """Whole heads of which *any* is known, and what is said of them."""

    heads: WholeHeads
    assessed: Assessed
    fitted_on: str | None
    """``validation`` or ``other patients``; None where the heads are not calibrated."""
    actions: np.ndarray
    """[M] of `Action`."""
    known: np.ndarray
    """bool, of which of all whole heads *any* is known."""

    @property
    def truth(self) -> np.ndarray:
        return self.heads.labels[:, ANY_INDEX]


def heads(evaluation: Evaluation) -> Content | None:
    """Return the content of ``heads``, None where the split has no whole head of which *any* is known.

    - ``counts``: ``{"heads", "positive", "negative", "unknown", "thin"}``; those of thin slices are not among the heads
      (`bundle.heads.head_members`).
    - ``fitted_on``: ``validation``; ``other patients`` where that has too few heads, or is itself evaluated; None where
      there are too few of either: then P(any) is the peak, the threshold that of slices, and no head is routine.
    - ``needed``: heads that a calibration takes, ``{"normal", "hemorrhage"}``; ``threshold``: of P(any), None where it
      differs from fold to fold.
    - ``figures``: of *any*: ``auc``, ``average_precision``, those of `bundle.calibration.weighted_decisions`,
      ``calibration_error`` and ``brier``, each ``{"value", "interval"}``.
    - ``actions``: ``normal`` and ``hemorrhage`` → action → its share of the heads that are truly so.
    - ``sets``: ``coverage``, that of each class, ``size`` and ``decided``; None where the heads are not calibrated.
    - ``rules``: rule → ``auc`` and its ``difference`` to that of the rule in force, which has none.
    - ``referral``: what *read soon* refers, and the ``errors`` and ``missed`` of the others, as shares of all heads;
      ``curve``: see `bundle.report.sections.risk_coverage.errors_left`.
    - ``subtypes``: subtype → ``{"heads", "positive", "auc", "average_precision"}``; none for the task ``binary``.
    """
    found = _found(evaluation)
    if found is None:
        return None
    bleeds, clusters = found.truth == 1, found.heads.patients
    thresholds = np.unique(found.assessed.thresholds)
    return {
        "counts": {
            "heads": len(found.known),
            "positive": int(bleeds.sum()),
            "negative": int((~bleeds).sum()),
            "unknown": int((~found.known).sum()),
            "thin": thin_heads(evaluation.predictions),
        },
        "fitted_on": found.fitted_on,
        "needed": {"normal": fewest(SPECIFICITY), "hemorrhage": fewest(SENSITIVITY)},
        "threshold": float(thresholds[0]) if len(thresholds) == 1 else None,
        "figures": with_intervals(_figures(found), clusters),
        "actions": _actions(found),
        "sets": None if found.fitted_on is None else _sets(found),
        "rules": _rules(evaluation, found),
        "referral": _referral(found),
        "subtypes": {} if evaluation.predictions.task == "binary" else _subtypes(found),
    }


def draw_heads(evaluation: Evaluation, summary: Content) -> dict[str, Figure | None]:
    """Draw the errors left against the share of heads that is read soon."""
    content, found = summary["heads"], _found(evaluation)
    if content is None or found is None:
        return {"head_risk_coverage": None}
    wrong, _, doubt = _mistakes(found)
    rule = tuple(content["referral"][name]["value"] for name in ("referred", "errors"))
    curves = {"probability": risk_coverage(wrong, doubt)}
    return {"head_risk_coverage": risk_coverage_figure(curves, {str(Action.READ_SOON): rule}, "heads")}


def _found(evaluation: Evaluation) -> _Heads | None:
    every = whole_heads(evaluation.predictions)
    assessed, fitted_on = _assessed(evaluation, every)
    known = every.labels[:, ANY_INDEX] != UNKNOWN
    if not known.any():
        return None
    own, said = every.restricted(known), Assessed(*(part[known] for part in assessed))
    unlike = own.distances > _limits_of_distances(evaluation, own)
    actions = [
        decide(called, excluded, [UNLIKE] if far else []).action
        for called, excluded, far in zip(said.called, said.excluded, unlike, strict=True)
    ]
    return _Heads(own, said, fitted_on, np.array(actions), known)


def _limits_of_distances(evaluation: Evaluation, heads: WholeHeads) -> np.ndarray:
    """Return the distance above which each head is unlike validation, [M]; infinite without a validation."""
    validation = evaluation.validation
    if validation is None:
        return np.full(len(heads.patients), np.inf)
    limits = fit_limits(validation, LEVEL)
    of_patients = limits_by_patient(validation, LEVEL) if evaluation.cross_fitted else {}
    return np.array([of_patients.get(patient, limits).distance for patient in heads.patients])


def _assessed(evaluation: Evaluation, every: WholeHeads) -> tuple[Assessed, str | None]:
    if evaluation.validation is not None and not evaluation.of_validation:
        calibration = fit_on_heads(whole_heads(evaluation.validation))
        if calibration is not None:
            return assess(every, calibration), "validation"
    crossed = assess_cross_fitted(every)
    if crossed is not None:
        return crossed, "other patients"
    peaks = every.peaks[:, ANY_INDEX]
    both = np.ones((len(peaks), len(ANY_CLASSES)), bool)
    return Assessed(peaks, both, np.full(len(peaks), evaluation.threshold)), None


def _figures(found: _Heads) -> WeightedMetrics:
    truth, p_any = found.truth, found.assessed.p_any
    parts = (
        weighted_ranking(truth, p_any),
        weighted_decisions(truth, found.assessed.called),
        weighted_calibration(truth, p_any),
    )
    return lambda weights: {name: value for part in parts for name, value in part(weights).items()}


def _actions(found: _Heads) -> dict[str, dict[str, Any]]:
    of_class = {name: found.truth == value for value, name in enumerate(ANY_CLASSES)}
    shares = {
        f"{name} {action}": (own & (found.actions == action), own)
        for name, own in of_class.items()
        for action in Action
    }
    figures = with_intervals(weighted_ratios(shares), found.heads.patients)
    return {name: {str(action): figures[f"{name} {action}"] for action in Action} for name in of_class}


def _sets(found: _Heads) -> dict[str, Any]:
    truth = np.column_stack([found.truth == 0, found.truth == 1])
    figures = with_intervals(weighted_coverage(found.assessed.sets, truth), found.heads.patients)
    names = {f"coverage_{k}": f"coverage_{name}" for k, name in enumerate(ANY_CLASSES)}
    return {names.get(name, name): figure for name, figure in figures.items()}


def _alternatives() -> Mapping[str, Rule]:
    of_slices = {name: lambda p, _, rule=rule: rule(p) for name, rule in STUDY_RULES.items()}
    return {IN_FORCE: head_peak, **of_slices}


def _rules(evaluation: Evaluation, found: _Heads) -> dict[str, Any]:
    peaks = {
        name: whole_heads(evaluation.predictions, rule=rule).peaks[found.known, ANY_INDEX]
        for name, rule in _alternatives().items()
    }
    rankings = {name: weighted_ranking(found.truth, each) for name, each in peaks.items()}

    def metrics(weights: np.ndarray) -> Values:
        values = {name: ranking(weights)["auc"] for name, ranking in rankings.items()}
        return values | {f"{name} - {IN_FORCE}": value - values[IN_FORCE] for name, value in values.items()}

    figures = with_intervals(metrics, found.heads.patients)
    return {
        name: {"auc": figures[name], "difference": None if name == IN_FORCE else figures[f"{name} - {IN_FORCE}"]}
        for name in rankings
    }


def _mistakes(found: _Heads) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which heads are called wrongly, which of them are missed bleeds, and how doubtful each is."""
    bleeds, called = found.truth == 1, found.assessed.called
    return bleeds != called, bleeds & ~called, -np.abs(found.assessed.p_any - found.assessed.thresholds)


def _referral(found: _Heads) -> dict[str, Any]:
    wrong, missed, doubt = _mistakes(found)
    soon, everything = found.actions == Action.READ_SOON, np.ones(len(wrong))
    parts = {"referred": soon, "errors": wrong & ~soon, "missed": missed & ~soon}
    shares = weighted_ratios({name: (part, everything) for name, part in parts.items()})
    return with_intervals(shares, found.heads.patients) | {"curve": errors_left(wrong, missed, doubt)}


def _subtypes(found: _Heads) -> dict[str, Any]:
    result: dict[str, Any] = {}
    scores = scores_of_peaks(found.heads.peaks, ANY_INDEX, found.assessed.p_any)
    for column, name in enumerate(SUBTYPES):
        truth = found.heads.labels[:, column]
        known = truth != UNKNOWN
        figures: dict[str, Any] = {key: {"value": None, "interval": None} for key in ("auc", "average_precision")}
        if known.any():
            ranking = weighted_ranking(truth[known], scores[known, column])
            figures = with_intervals(ranking, found.heads.patients[known])
        result[name] = {"heads": int(known.sum()), "positive": int(np.sum(truth == 1)), **figures}
    return result
