"""What runs of `scripts.compare` said of the same slices: figures and paired differences, without the trainings.

    python -m benchmarks.compared_predictions docs/comparison.csv
    python -m benchmarks.compared_predictions docs/comparison.csv --add compare

The table has P(any) of each slice by each run, and hashes in place of the names of slices and patients; `--add` takes
up the runs in the folder of a comparison, so that runs made at different times are tested against each other. Prints
tables in Markdown: AUC of any hemorrhage, sensitivity and specificity at one half, with 95 % intervals over patients;
and the difference of the AUC of each pair of runs, with DeLong's test with patients as clusters.
"""

import csv
import hashlib
from collections.abc import Mapping
from itertools import combinations
from os.path import commonpath
from pathlib import Path

import numpy as np

from bundle.command import run_command
from bundle.errors import InputError
from bundle.files import write_csv
from bundle.labels import ANY_INDEX
from bundle.metrics import weighted_ranking
from bundle.predictions import read_predictions
from bundle.statistics import Values, WeightedMetrics, bootstrap, delong_test, interval_of, unweighted, weighted_ratios

OF_SLICE = ("slice", "patient", "any")
FIGURES = ("auc", "sensitivity", "specificity")

Table = dict[tuple[str, ...], dict[str, str]]
"""Hashes of slice and patient, and the label → run → P(any)."""


def read_table(path: Path) -> Table:
    """Return the table's rows; none where there is no file yet."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {tuple(map(row.pop, OF_SLICE)): row for row in csv.DictReader(file)}


def add_runs(table: Table, comparison: Path) -> None:
    """Add the runs in the folder of a comparison.

    Raises:
        InputError: when there are none, or one is of other slices.
    """
    found = sorted(comparison.glob("runs/*/evaluation/predictions.csv"))
    if not found:
        raise InputError("holds no runs", "give the --output of scripts.compare", comparison)
    for path in found:
        predictions = read_predictions(path)
        images = predictions.details["image"]
        root = commonpath(images)
        names = [_hash(Path(image).relative_to(root).as_posix()) for image in images]
        labels = [format(value, "g") for value in predictions.labels[:, ANY_INDEX].tolist()]
        keys = list(zip(names, map(_hash, predictions.patients), labels, strict=True))
        if table and table.keys() != set(keys):
            raise InputError("is of other slices than the table", "compare on one test split", path)
        for key, p in zip(keys, predictions.p_any.tolist(), strict=True):
            table.setdefault(key, {})[path.parents[1].name] = format(p, ".5f")


def _hash(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=6).hexdigest()


def metrics_of(truth: np.ndarray, p: np.ndarray) -> WeightedMetrics:
    """Return a function of weights that gives `FIGURES`."""
    called, bleeds = p >= 0.5, truth == 1
    ratios = weighted_ratios({"sensitivity": (called & bleeds, bleeds), "specificity": (~called & ~bleeds, ~bleeds)})
    ranking = weighted_ranking(truth, p)

    def metrics(weights: np.ndarray) -> Values:
        return {"auc": ranking(weights)["auc"], **ratios(weights)}

    return metrics


def main(table: str, add: str | None = None) -> None:
    """Print what the runs of a table are worth, and how they differ.

    Args:
        table: CSV with the columns slice, patient, any, and P(any) of each run.
        add: folder of a comparison, whose runs are written into the table first.
    """
    path = Path(table)
    rows = read_table(path)
    if add is not None:
        add_runs(rows, Path(add))
        runs = list(dict.fromkeys(run for row in rows.values() for run in row))
        lines = sorted((*key, *(row.get(run, "") for run in runs)) for key, row in rows.items())
        write_csv(path, (*OF_SLICE, *runs), lines)
    if not rows:
        raise InputError("does not exist", "make it with --add", path)
    truth = np.array([float(label) for _, _, label in rows])
    patients = np.array([patient for _, patient, _ in rows])
    scores = {run: np.array([float(row[run]) for row in rows.values()]) for run in next(iter(rows.values()))}
    drawn = {run: bootstrap(metrics_of(truth, p), patients) for run, p in scores.items()}
    print(f"{len(rows)} slices of {len(set(patients))} patients, {int(truth.sum())} with a hemorrhage")
    print_runs({run: unweighted(metrics_of(truth, p), len(truth)) for run, p in scores.items()}, drawn)
    print("\n| difference | AUC | p |\n| --- | --- | --- |")
    for first, second in combinations(scores, 2):
        change = drawn[first]["auc"] - drawn[second]["auc"]
        test = delong_test(truth, scores[first], scores[second], patients)
        print(f"| {first} − {second} | {_cell(test.difference, interval_of(change), '+')} | {test.p:.3f} |")


def print_runs(values: Mapping[str, Mapping[str, float | None]], drawn: Mapping[str, Values]) -> None:
    """Print a row for each run."""
    print("\n| run | " + " | ".join(FIGURES) + " |\n|" + " --- |" * (1 + len(FIGURES)))
    for run, value in values.items():
        print(f"| {run} | " + " | ".join(_cell(value[name], interval_of(drawn[run][name])) for name in FIGURES) + " |")


def _cell(value: float | None, interval: list[float] | None, sign: str = "") -> str:
    text = "–" if value is None else format(value, f"{sign}.3f")
    return text if interval is None else f"{text} ({interval[0]:{sign}.3f} to {interval[1]:{sign}.3f})"


if __name__ == "__main__":
    run_command(main)
