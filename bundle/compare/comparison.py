"""comparison.json: every number of a comparison."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundle.compare import paper
from bundle.compare.differences import differences
from bundle.compare.experiment import Experiment, Run
from bundle.compare.results import Candidate
from bundle.metrics import classification_metrics, confusion, summarize, weighted_metrics
from bundle.predictions import THRESHOLD
from bundle.statistics import LEVEL, RESAMPLES, bootstrap, interval_of


def compare(
    experiment: Experiment, candidates: Sequence[Candidate], failed: Mapping[Run, str], resamples: int = RESAMPLES
) -> dict[str, Any]:
    """Return the content of comparison.json.

    - ``dataset``, ``datalist``: names of folder and file; ``slices``, ``patients``, ``labels``, ``not_computable``: of
      the test split, as in `bundle.report.summarize`; ``task``, ``threshold``: what they are there.
    - ``settings``: what all runs were told; ``seeds``; ``folds``: of a cross-validation, or null; ``resamples``,
      ``level``: of the intervals.
    - ``candidates``: a dict a model and mask: ``name, title, model, mask``, ``seeds`` (those that there are),
      ``device``, ``images_per_second`` and ``training_seconds`` (medians over the seeds), ``metrics``: figure →
      ``{"value", "interval", "seeds"}``: the mean over seeds, its interval or null, each seed's value; ``confusion``:
      of the first seed.
    - ``differences``: see `bundle.compare.differences.differences`.
    - ``failed``: ``{"run", "reason"}`` of each run that is missing.
    - ``paper``: ``reference``, ``figures``, ``confusion``, ``recomputed``, see `bundle.compare.paper`.

    Args:
        experiment: what was to be compared.
        candidates: what there is of it, at least one.
        failed: why runs are missing.
        resamples: of the patients, for the intervals.
    """
    test = candidates[0].results[0].predictions
    summary = summarize(test)
    values = {candidate.name: _metrics(candidate) for candidate in candidates}
    resampled = _resample(candidates, resamples)
    means = {
        name: {figure: _mean([each[figure] for each in seeds]) for figure in seeds[0]} for name, seeds in values.items()
    }
    return {
        "dataset": experiment.dataset_dir.resolve().name,
        "datalist": experiment.datalist.name,
        **{name: summary[name] for name in ("task", "slices", "patients", "labels", "not_computable")},
        "threshold": THRESHOLD,
        "settings": dict(experiment.settings),
        "seeds": list(experiment.seeds),
        "folds": len(experiment.folds) or None,
        "resamples": resamples,
        "level": LEVEL,
        "candidates": [
            {
                "name": candidate.name,
                "title": candidate.title,
                "model": candidate.model.name,
                "mask": candidate.mask,
                "seeds": [result.seed for result in candidate.results],
                "device": candidate.results[0].device,
                "images_per_second": float(np.median([result.images_per_second for result in candidate.results])),
                "training_seconds": float(np.median([result.seconds for result in candidate.results])),
                "metrics": {
                    figure: {
                        "value": mean,
                        "interval": interval_of(resampled[candidate.name][figure]),
                        "seeds": [each[figure] for each in values[candidate.name]],
                    }
                    for figure, mean in means[candidate.name].items()
                },
                "confusion": _confusion(candidate),
            }
            for candidate in candidates
        ],
        "differences": differences(candidates, means, resampled),
        "failed": [{"run": str(run), "reason": reason} for run, reason in failed.items()],
        "paper": {
            "reference": paper.REFERENCE,
            "figures": paper.FIGURES,
            "confusion": paper.CONFUSION,
            "recomputed": paper.recomputed(),
        },
    }


def _metrics(candidate: Candidate) -> list[dict[str, float | None]]:
    scored = [result.predictions for result in candidate.results]
    return [classification_metrics(each.probabilities, each.labels, each.task) for each in scored]


def _resample(candidates: Sequence[Candidate], resamples: int) -> dict[str, dict[str, np.ndarray]]:
    """Return name of the candidate → figure → [resamples], the mean over its seeds; the resamples are those of all."""
    of_seeds = {
        candidate.name: [
            weighted_metrics(each.predictions.probabilities, each.predictions.labels, each.predictions.task)
            for each in candidate.results
        ]
        for candidate in candidates
    }

    def figures(weights: np.ndarray) -> dict[str, np.ndarray]:
        result: dict[str, np.ndarray] = {}
        for name, seeds in of_seeds.items():
            values = [figures_of_seed(weights) for figures_of_seed in seeds]
            result |= {f"{name}/{figure}": np.mean([each[figure] for each in values], axis=0) for figure in values[0]}
        return result

    drawn = bootstrap(figures, candidates[0].results[0].predictions.clusters, resamples)
    split: dict[str, dict[str, np.ndarray]] = {}
    for key, array in drawn.items():
        name, figure = key.rsplit("/", 1)
        split.setdefault(name, {})[figure] = array
    return split


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


def _confusion(candidate: Candidate) -> dict[str, list]:
    first = candidate.results[0].predictions
    return {key: each.tolist() for key, each in confusion(first.probabilities, first.labels, first.task).items()}
