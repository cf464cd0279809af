"""Rules that make one score of a head of its slices' scores, compared on whole heads.

    python -m benchmarks.head_rules output/evaluation/predictions.csv

with the predictions of an evaluation with ``--slice_smoothing 0``. Prints a table in Markdown. Every figure but the AUC
of the plain rules is cross-fitted: five folds of patients, stratified, and as often as `--repeats`; whatever is fitted
(a model, the calibration, the sets, the threshold) is fitted on the others' heads. Figures are means over the repeats,
with 95 % intervals over patients; the differences are those to the rule in force in the same resamples. *Thinned* is by
how much the log-odds of the score fall where only every second slice is left: what depends on the thickness of the
slices is far from 0.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from bundle.calibration import threshold_for_sensitivity, weighted_decisions
from bundle.command import run_command
from bundle.datalist import read_datalist
from bundle.errors import InputError
from bundle.heads import SENSITIVITY, fit_heads, head_members, head_peak
from bundle.labels import ANY_INDEX, UNKNOWN
from bundle.metrics import weighted_ranking
from bundle.predictions import STUDY_RULES, Predictions, SliceSmoothing, read_predictions, study_labels
from bundle.progress import progress
from bundle.statistics import Values, WeightedMetrics, bootstrap, interval_of, ratio

IN_FORCE = "peak, 4 mm"
SMOOTHING = 4.0
"""mm, of the slices, as in inference."""


class Head(NamedTuple):
    """n slices of a head in the order of their positions."""

    p: np.ndarray
    """P(any), [n]."""
    z: np.ndarray
    """mm, [n]."""
    bleeds: np.ndarray
    """[n], 1, 0 or `UNKNOWN`."""
    features: np.ndarray
    """[n, D]; D is 0 where none are given."""

    @property
    def smoothed(self) -> np.ndarray:
        """P(any) as inference writes it, [n]."""
        rows = [{"series": "one", "position": z} for z in self.z.tolist()]
        return SliceSmoothing(rows, SMOOTHING)(self.p[:, None])[:, 0]

    def thinned(self) -> "Head":
        """Return every second slice."""
        return Head(*(part[::2] for part in self))


Score = Callable[[Sequence[Head]], np.ndarray]
"""From heads to the log-odds of their scores."""
Fit = Callable[[Sequence[Head], np.ndarray, np.ndarray], Score]
"""From heads, whether they bleed, and their patients to a score."""


def log_odds(p: np.ndarray) -> np.ndarray:
    """Return log(p / (1 - p)), finite."""
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def _plain(rule: Callable[[Head], float]) -> Score:
    return lambda heads: log_odds(np.array([rule(head) for head in heads]))


def _top(count: int, head: Head) -> float:
    return float(np.sort(head.p)[-count:].mean())


def _peak(sigma: float, head: Head) -> float:
    return float(head_peak(head.smoothed[:, None], head.z, sigma)[0])


PLAIN: dict[str, Score] = {
    "maximum": _plain(lambda head: float(head.p.max())),
    "mean of top 2": _plain(partial(_top, 2)),
    "mean of top 3": _plain(partial(_top, 3)),
    "quantile 0.9": _plain(lambda head: float(STUDY_RULES["quantile_90"](head.p))),
    "noisy-or": _plain(lambda head: float(STUDY_RULES["noisy_or"](head.p))),
    "maximum of smoothed": _plain(lambda head: float(head.smoothed.max())),
    "peak, 3 mm": _plain(partial(_peak, 3.0)),
    IN_FORCE: _plain(partial(_peak, 4.0)),
    "peak, 6 mm": _plain(partial(_peak, 6.0)),
}


def _described(heads: Sequence[Head]) -> np.ndarray:
    """Return peak, log of the mean odds, median and the peak at 10 mm of each head, [M, 4], all of them log-odds."""
    return np.array(
        [
            [
                log_odds(np.array(_peak(4.0, head))),
                np.log(np.mean(np.exp(log_odds(head.smoothed)))),
                np.median(log_odds(head.smoothed)),
                log_odds(np.array(_peak(10.0, head))),
            ]
            for head in heads
        ]
    )


def fit_logistic(heads: Sequence[Head], truth: np.ndarray, patients: np.ndarray) -> Score:
    """Fit a logistic regression of four features of the profile."""
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(_described(heads), truth)
    return lambda others: model.decision_function(_described(others))


class Sequence1D(nn.Module):
    """A bidirectional GRU over penultimate features and the distance to the slice before, eight wide."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.reduce = nn.Sequential(nn.Dropout(0.3), nn.Linear(width, 8), nn.ReLU())
        self.along = nn.GRU(9, 8, batch_first=True, bidirectional=True)
        self.out = nn.Linear(16, 1)

    def forward(self, features: torch.Tensor, spacing: torch.Tensor) -> torch.Tensor:
        """Return the logits of slices, [M, n], from [M, n, D] and [M, n, 1]."""
        return self.out(self.along(torch.cat([self.reduce(features), spacing / 5], dim=2))[0])[..., 0]


def fit_sequence(heads: Sequence[Head], truth: np.ndarray, patients: np.ndarray) -> Score:
    """Train the sequence model on the labels of slices and of heads; the score of a head is its highest logit."""
    everything = np.concatenate([head.features for head in heads])
    mean, scale = everything.mean(axis=0), everything.std(axis=0) + 1e-6

    def padded(several: Sequence[Head]) -> list[torch.Tensor]:
        columns = []
        for part in (
            [(head.features - mean) / scale for head in several],
            [np.diff(head.z, prepend=head.z[0])[:, None] for head in several],
            [head.bleeds for head in several],
            [np.ones(len(head.z)) for head in several],
        ):
            tensors = [torch.as_tensor(each, dtype=torch.float32) for each in part]
            columns.append(nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=0.0))
        return columns

    def of_heads(logits: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        return torch.where(there > 0, logits, -torch.inf).amax(dim=1)

    torch.manual_seed(0)
    network = Sequence1D(everything.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=0.1)
    features, spacing, bleeds, there = padded(heads)
    known, target = (there > 0) & (bleeds != UNKNOWN), torch.as_tensor(truth, dtype=torch.float32)
    for _ in range(60):
        logits = network(features, spacing)
        loss = binary_cross_entropy_with_logits(logits[known], bleeds[known])
        loss = loss + binary_cross_entropy_with_logits(of_heads(logits, there), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    network.eval()

    @torch.no_grad()
    def score(others: Sequence[Head]) -> np.ndarray:
        own, distances, _, exists = padded(others)
        return of_heads(network(own, distances), exists).numpy().astype(np.float64)

    return score


class CrossFitted(NamedTuple):
    """What is said of M heads in R repeats by what other patients' heads taught, [R, M] each."""

    score: np.ndarray
    p_any: np.ndarray
    called: np.ndarray
    """Whether the score reaches the threshold with a sensitivity of 0.95."""
    sets: np.ndarray
    """[R, M, 2]."""
    thinned: np.ndarray
    """What the log-odds lose where every second slice is left."""


def cross_fit(
    heads: Sequence[Head], truth: np.ndarray, patients: np.ndarray, rule: Score | None, fit: Fit | None, repeats: int
) -> CrossFitted:
    """Cross-fit a plain rule, or a model whose calibration is fitted on scores of an inner cross-fit."""
    found = []
    for repeat in range(repeats):
        parts = [np.full(len(heads), np.nan) for _ in range(4)] + [np.zeros((len(heads), 2), bool)]
        for others, own in _folds(truth, patients, repeat):
            known = [heads[at] for at in others]
            if fit is None:
                score, learnt = rule, rule(known)
            else:
                score, learnt = fit(known, truth[others], patients[others]), np.empty(len(others))
                for rest, part in _folds(truth[others], patients[others], repeat):
                    inner = fit([known[at] for at in rest], truth[others][rest], patients[others][rest])
                    learnt[part] = inner([known[at] for at in part])
            scores = score([heads[at] for at in own])
            fitted = fit_heads(_probability(learnt), truth[others])
            if fitted is None:
                raise InputError("these are too few whole heads", "give 24 with and 8 without a bleed, or more")
            p_any = fitted.p_any(_probability(scores))
            limit = threshold_for_sensitivity(truth[others], learnt, SENSITIVITY)
            lost = scores - score([heads[at].thinned() for at in own])
            for part, value in zip(parts, (scores, p_any, scores >= limit, lost, fitted.sets(p_any)), strict=True):
                part[own] = value
        found.append(parts)
    score, p_any, called, thinned, sets = (np.stack(part) for part in zip(*found, strict=True))
    return CrossFitted(score, p_any, called, sets, thinned)


def _folds(truth: np.ndarray, patients: np.ndarray, repeat: int) -> list[tuple[np.ndarray, np.ndarray]]:
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=repeat)
    return list(splitter.split(truth, truth, groups=patients))


def _probability(scores: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(scores, -13, 13)))


def figures(found: CrossFitted, truth: np.ndarray) -> WeightedMetrics:
    """Return a function of weights that gives the figures of a rule, means over the repeats."""
    bleeds = truth == 1
    only_normal, only_bleed = (found.sets[..., k] & ~found.sets[..., 1 - k] for k in (0, 1))
    undecided = found.sets.sum(axis=2) != 1
    losses = -np.where(bleeds, np.log(found.p_any), np.log1p(-found.p_any)).mean(axis=0)
    rankings = [weighted_ranking(truth, score) for score in np.unique(found.score, axis=0)]
    decisions = [weighted_decisions(truth, called) for called in found.called]
    shares = {
        "log loss": (losses, np.ones(len(truth))),
        "missed": ((only_normal & bleeds).mean(axis=0), bleeds),
        "called": ((only_bleed & ~bleeds).mean(axis=0), ~bleeds),
        "undecided": ((undecided & ~bleeds).mean(axis=0), ~bleeds),
        "undecided bleeds": ((undecided & bleeds).mean(axis=0), bleeds),
    }

    def metrics(weights: np.ndarray) -> Values:
        values = {name: ratio(weights @ part, weights @ whole) for name, (part, whole) in shares.items()}
        values["AUC"] = np.mean([ranking(weights)["auc"] for ranking in rankings], axis=0)
        for name in ("sensitivity", "specificity"):
            values[name] = np.mean([decided(weights)[name] for decided in decisions], axis=0)
        return values

    return metrics


def main(
    predictions: str, features: str | None = None, held_out: str | None = None, repeats: int = 10, sequences: int = 3
) -> None:
    """Print the table.

    Args:
        predictions: a predictions.csv with the positions of its slices, of an evaluation with --slice_smoothing 0.
        features: .npz with "features" [N, D], the penultimate features of its lines; with it the sequence model is
            trained, too.
        held_out: datalist whose validation section has the patients that the network was not trained on.
        repeats: of the five folds.
        sequences: the same of the sequence model.
    """
    slices = read_predictions(predictions)
    heads, truth, patients = _heads(slices, None if features is None else np.load(features)["features"])
    found = {
        name: cross_fit(heads, truth, patients, rule, None, repeats) for name, rule in progress(PLAIN.items(), "rules")
    }
    found["logistic model"] = cross_fit(heads, truth, patients, None, fit_logistic, repeats)
    if features is not None:
        found["sequence model"] = cross_fit(heads, truth, patients, None, fit_sequence, sequences)
    print(f"{len(heads)} heads of {len(set(patients))} patients, {int(truth.sum())} with a bleed\n")
    _print(found, truth, patients)
    if held_out is not None:
        names = {row["patient"] for row in read_datalist(held_out)["validation"]}
        chosen = np.array([patient in names for patient in patients])
        own = truth[chosen]
        print(f"\nof patients whom the network never saw: {chosen.sum()} heads, {int(own.sum())} with a bleed\n")
        print("| rule | AUC | log loss |\n| --- | --- | --- |")
        for name, rule in found.items():
            part = CrossFitted(*(each[:, chosen] for each in rule))
            values = figures(part, own)(np.ones((1, len(own))))
            print(f"| {name} | {values['AUC'][0]:.3f} | {values['log loss'][0]:.3f} |")


def _heads(slices: Predictions, features: np.ndarray | None) -> tuple[list[Head], np.ndarray, np.ndarray]:
    """Return the whole heads of which it is known whether they bleed, whether they do, and their patients."""
    if features is None:
        features = np.zeros((len(slices), 0))
    elif len(features) != len(slices):
        raise InputError(f"there are {len(features)} rows of features for {len(slices)} lines of predictions")
    heads, truth, patients = [], [], []
    for members in head_members(slices):
        members = members[np.argsort(slices.positions[members], kind="stable")]
        of_study = None if slices.study_labels is None else slices.study_labels[members]
        label = study_labels(slices.labels[members], [""] * len(members), of_study)[0, ANY_INDEX]
        if label != UNKNOWN:
            part = (slices.p_any[members], slices.positions[members], slices.truth[members], features[members])
            heads.append(Head(*part))
            truth.append(label)
            patients.append(str(slices.clusters[members[0]]))
    return heads, np.array(truth), np.array(patients)


def _print(found: dict[str, CrossFitted], truth: np.ndarray, patients: np.ndarray) -> None:
    each = {name: figures(rule, truth) for name, rule in found.items()}

    def joined(weights: np.ndarray) -> Values:
        return {f"{name}|{key}": value for name, rule in each.items() for key, value in rule(weights).items()}

    drawn = bootstrap(joined, patients)
    value = {name: float(found[0]) for name, found in joined(np.ones((1, len(truth)))).items()}

    def cell(name: str, key: str) -> str:
        return _cell(value[f"{name}|{key}"], interval_of(drawn[f"{name}|{key}"]))

    def difference(name: str, key: str) -> str:
        if name == IN_FORCE:
            return "–"
        ours, theirs = (f"{each}|{key}" for each in (name, IN_FORCE))
        return _cell(value[ours] - value[theirs], interval_of(drawn[ours] - drawn[theirs]), "+")

    columns = ("AUC", "log loss", "sensitivity", "specificity", "missed", "called", "undecided", "undecided bleeds")
    titles = ("rule", "AUC", "difference", *columns[1:2], "difference", *columns[2:], "thinned")
    print("| " + " | ".join(titles) + " |\n|" + " --- |" * len(titles))
    for name, rule in found.items():
        cells = [cell(name, "AUC"), difference(name, "AUC"), cell(name, "log loss"), difference(name, "log loss")]
        cells += [cell(name, key) for key in columns[2:]]
        print(f"| {name} | " + " | ".join(cells) + f" | {rule.thinned.mean():+.2f} |")


def _cell(value: float, interval: list[float] | None, sign: str = "") -> str:
    text = format(value, f"{sign}.3f")
    return text if interval is None else f"{text} ({interval[0]:{sign}.2f} to {interval[1]:{sign}.2f})"


if __name__ == "__main__":
    run_command(main)
