"""Fairness: every figure by sex, age, site and scanner, and where groups differ by more than chance explains."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bundle.metrics import METRIC_NAMES, weighted_metrics
from bundle.predictions import Predictions
from bundle.report.evaluation import Evaluation
from bundle.report.sections.section import Content
from bundle.statistics import bootstrap, interval_of, number

ATTRIBUTES = ("sex", "age", "site", "manufacturer")
"""By what groups are formed."""

MIN_PATIENTS = 10
"""Groups of fewer are counted, but not judged."""

COMPARED = ("accuracy", "precision", "recall", "f1", "specificity", "auc_any", "average_precision_any")
"""The figures in which groups are compared."""

_AGES = ((18, "under 18"), (40, "18 to 39"), (60, "40 to 59"), (80, "60 to 79"), (np.inf, "80 and over"))


def fairness(evaluation: Evaluation) -> Content:
    """Return the content of ``fairness``, attribute → what is known, for those of which the data says something.

    - ``unknown``: slices of which the attribute is not known.
    - ``groups``: the largest first, ``{"name", "slices", "patients", "positive", "figures"}``; ``positive`` are
      patients with a bleed; ``figures`` is name → ``{"value", "interval"}`` of every figure of `METRIC_NAMES`, None for
      a group of fewer than `MIN_PATIENTS` patients.
    - ``gaps``: of each other judged group against the largest, name by name of `COMPARED`: ``{"group", "reference",
      "metric", "difference", "interval", "exceeds"}``, where both can be computed; ``exceeds`` is whether the interval
      of the difference, over the same resamples, leaves out 0, and both groups have an interval of their own.
    """
    predictions, clusters = evaluation.predictions, evaluation.predictions.clusters
    members = {attribute: _groups(predictions, attribute) for attribute in ATTRIBUTES}
    judged = {
        (attribute, name): _of_group(evaluation, chosen)
        for attribute, groups in members.items()
        for name, chosen in groups.items()
        if len(set(clusters[chosen])) >= MIN_PATIENTS
    }
    # One call for all of them, so that groups are compared over the same resamples.
    drawn, whole = {}, {}
    if judged:
        everything = _joined(judged)
        whole = {name: float(value[0]) for name, value in everything(np.ones((1, len(clusters)))).items()}
        drawn = bootstrap(everything, clusters)
    return {
        attribute: {
            "unknown": int(len(clusters) - sum(len(chosen) for chosen in groups.values())),
            "groups": [
                _described(predictions, clusters, name, chosen)
                | {"figures": _figures((attribute, name), whole, drawn) if (attribute, name) in judged else None}
                for name, chosen in groups.items()
            ],
            "gaps": _gaps(attribute, [name for name in groups if (attribute, name) in judged], whole, drawn),
        }
        for attribute, groups in members.items()
        if groups
    }


def _groups(predictions: Predictions, attribute: str) -> dict[str, np.ndarray]:
    """Return the slices of each group, by the group's name, the most patients first."""
    texts = predictions.details.get(attribute, ())
    names = [_age_band(text) for text in texts] if attribute == "age" else texts
    clusters = predictions.clusters
    groups = {name: np.flatnonzero(np.array(names) == name) for name in sorted(set(names) - {""})}
    return dict(sorted(groups.items(), key=lambda group: -len(set(clusters[group[1]]))))


def _age_band(text: str) -> str:
    try:
        age = float(text)
    except ValueError:
        return ""
    return next((name for end, name in _AGES if 0 <= age < end), "")


def _of_group(evaluation: Evaluation, chosen: np.ndarray) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    part = evaluation.predictions.restricted(chosen)
    metrics = weighted_metrics(part.probabilities, part.labels, part.task, evaluation.threshold)
    return lambda weights: metrics(weights[:, chosen])


def _joined(judged: dict) -> Callable[[np.ndarray], dict]:
    return lambda weights: {
        (*group, name): values for group, figures in judged.items() for name, values in figures(weights).items()
    }


def _described(predictions: Predictions, clusters: np.ndarray, name: str, chosen: np.ndarray) -> dict[str, Any]:
    bleeds = predictions.truth[chosen] == 1
    return {
        "name": name,
        "slices": len(chosen),
        "patients": len(set(clusters[chosen])),
        "positive": len(set(clusters[chosen][bleeds])),
    }


def _figures(group: tuple[str, str], whole: dict, drawn: dict) -> dict[str, Any]:
    return {
        name: {"value": number(whole[*group, name]), "interval": interval_of(drawn[*group, name])}
        for name in METRIC_NAMES
    }


def _gaps(attribute: str, names: list[str], whole: dict, drawn: dict) -> list[dict[str, Any]]:
    gaps = []
    for name in names[1:]:
        for metric in COMPARED:
            ours, theirs = (attribute, name, metric), (attribute, names[0], metric)
            difference = number(whole[ours] - whole[theirs])
            if difference is None:
                continue
            interval = interval_of(drawn[ours] - drawn[theirs])
            # A group whose figure is the same in all resamples, as a share of 1, has more to it than they show.
            sure = all(interval_of(drawn[each]) for each in (ours, theirs))
            gaps.append(
                {
                    "group": name,
                    "reference": names[0],
                    "metric": metric,
                    "difference": difference,
                    "interval": interval,
                    "exceeds": interval is not None and sure and not interval[0] <= 0 <= interval[1],
                }
            )
    return gaps
