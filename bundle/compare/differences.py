"""Whether two candidates differ: paired tests on the same slices."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from bundle.compare.results import Candidate
from bundle.predictions import Predictions
from bundle.statistics import delong_test, interval_of, mcnemar_test, number

TESTED = ("accuracy", "auc_any")
"""The figures whose differences are tested."""


def pairs(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    """Yield what is tested against each other: models at the same mask, and the mask at the same model.

    The later model of a pair comes first, and what has the mask before what has not.
    """
    for before, after in combinations(candidates, 2):
        if before.mask == after.mask:
            yield after, before
        elif before.model == after.model:
            yield (before, after) if before.mask else (after, before)


def differences(
    candidates: Sequence[Candidate],
    metrics: Mapping[str, Mapping[str, float | None]],
    resampled: Mapping[str, Mapping[str, np.ndarray]],
) -> list[dict[str, Any]]:
    """Return the difference of each pair and its tests.

    Args:
        candidates: what is compared.
        metrics: name of the candidate → figure → value, the mean over seeds.
        resampled: name of the candidate → figure → its values in resamples of the patients, the same for all.

    Returns:
        A dict a pair: ``first``, ``second`` (names), and for each of `TESTED` ``{"difference", "interval"}``, the first
        minus the second; ``tests``: a dict a seed that both have, ``{"seed", "mcnemar": {"only_first", "only_second",
        "p"}, "delong": {"p", "p_clustered"}}``. What cannot be computed is None, as is a difference of means over
        other seeds, which would be that of the seeds.
    """
    return [
        {
            "first": first.name,
            "second": second.name,
            **{figure: _difference(first, second, figure, metrics, resampled) for figure in TESTED},
            "tests": [
                {"seed": a.seed, **_tests(a.predictions, b.predictions)}
                for a in first.results
                for b in second.results
                if a.seed == b.seed
            ],
        }
        for first, second in pairs(candidates)
    ]


def _difference(
    first: Candidate,
    second: Candidate,
    figure: str,
    metrics: Mapping[str, Mapping[str, float | None]],
    resampled: Mapping[str, Mapping[str, np.ndarray]],
) -> dict[str, Any]:
    seeds, others = ({each.seed for each in candidate.results} for candidate in (first, second))
    a, b = metrics[first.name][figure], metrics[second.name][figure]
    if a is None or b is None or seeds != others:
        return {"difference": None, "interval": None}
    return {
        "difference": a - b,
        "interval": interval_of(resampled[first.name][figure] - resampled[second.name][figure]),
    }


def _tests(first: Predictions, second: Predictions) -> dict[str, Any]:
    known = first.known
    truth = first.truth[known]
    both = (first, second)
    scores = [each.p_any[known] for each in both]
    mcnemar = mcnemar_test(*(each.decided()[known] == truth for each in both))
    delong: dict[str, float | None] = {"p": None, "p_clustered": None}
    if set(truth) == {0, 1}:
        delong = {
            "p": number(delong_test(truth, scores[0], scores[1]).p),
            "p_clustered": number(delong_test(truth, scores[0], scores[1], first.clusters[known]).p),
        }
    counts = {"only_first": mcnemar.only_first, "only_second": mcnemar.only_second}
    return {"mcnemar": {**counts, "p": mcnemar.p_exact}, "delong": delong}
