"""Train and evaluate on the folds of a prepared set, and pool what was said of the held-out slices.

    python -m scripts.prepare prepared DATASET_DIR --folders rsna_png,ct_ich,rsna_dicom --folds 5 --fractions 0.8,0.2,0
    python -m benchmarks.cross_validation DATASET_DIR plain
    python -m benchmarks.cross_validation DATASET_DIR maps --overlay configs/lesion_maps.json --window_jitter 0.5
    python -m benchmarks.cross_validation DATASET_DIR quarter --share 0.25 --folds 0

Every key of the configs can be set, the same for all folds. A fold that was done is not done again; one that was cut
short goes on. AUC of any hemorrhage, with 95 % intervals over patients (near-duplicates count as one), of all slices
and of each site. Of all five folds also what calibration and thresholds are worth to a fold for which the other four,
with networks of their own, chose them.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from bundle.calibration import (
    cross_fitted_errors,
    threshold_for_sensitivity,
    threshold_for_specificity,
    thresholds_of_others,
)
from bundle.command import run_command
from bundle.datalist import read_datalist, write_datalist
from bundle.errors import InputError
from bundle.labels import ANY_INDEX
from bundle.metrics import weighted_metrics
from bundle.predictions import Predictions, read_predictions
from bundle.statistics import with_intervals

ROOT = Path(__file__).parents[1]
_WANTED = {
    "sensitivity 0.9": partial(threshold_for_sensitivity, wanted=0.9),
    "sensitivity 0.95": partial(threshold_for_sensitivity, wanted=0.95),
    "specificity 0.9": partial(threshold_for_specificity, wanted=0.9),
}


def main(
    dataset_dir: str,
    name: str,
    folds: Sequence[int] | int = (0, 1, 2, 3, 4),
    share: float = 1.0,
    overlay: str | None = None,
    output: str = "output/cross_validation",
    **settings: Any,
) -> None:
    """Train, evaluate, and print a line a group.

    Args:
        dataset_dir: with datalist_fold0.json and so on.
        name: of the experiment, a folder in `output`.
        folds: to be done.
        share: of the training patients that are used, of each site and of those with a bleed and without alike. A
            smaller share is a part of a larger one.
        overlay: config over configs/train.json.
        output: folder of all experiments.
        settings: keys of the configs.
    """
    scored, fold_of = [], []
    for fold in [folds] if isinstance(folds, int) else folds:
        folder = Path(output).resolve() / str(name) / f"fold{fold}"
        if not (folder / "evaluation" / "predictions.csv").is_file():
            _do(Path(dataset_dir).resolve(), folder, fold, share, [overlay] if overlay else [], settings)
        scored.append(read_predictions(folder / "evaluation" / "predictions.csv"))
        fold_of += [str(fold)] * len(scored[-1])
    pooled = Predictions.pooled(scored)
    sites = np.array(pooled.details["site"])
    for site in ("", *np.unique(sites)):
        part = pooled.restricted(sites == site) if site else pooled
        metrics = weighted_metrics(part.probabilities, part.labels, part.task)
        auc = with_intervals(metrics, part.clusters)["auc_any"]
        low, high = auc["interval"] or (np.nan, np.nan)
        positive = int((part.truth == 1).sum())
        print(f"{name}, {site or 'all'}: AUC {auc['value']:.3f} ({low:.3f} to {high:.3f}), {positive} of {len(part)}")
    _print_cross_fitted(replace(pooled, patients=tuple(fold_of)))


def _print_cross_fitted(by_fold: Predictions) -> None:
    """Print what calibration and thresholds of the other folds are worth; the folds stand for patients here."""
    errors = cross_fitted_errors(by_fold)
    if errors is None:
        return
    known = by_fold.restricted(by_fold.known)
    truth, p_any, folds = known.truth == 1, known.p_any, known.clusters
    areas = [roc_auc_score(truth[folds == fold], p_any[folds == fold]) for fold in np.unique(folds)]
    print("fold by fold: AUC " + ", ".join(f"{auc:.3f}" for auc in areas))
    print("expected calibration error of P(any) {:.3f}, calibrated by the other folds {:.3f}".format(*errors))
    for wanted, choose in _WANTED.items():
        thresholds = thresholds_of_others(truth, p_any, folds, choose)
        if thresholds is None:
            continue
        called = p_any >= thresholds
        sensitivity, specificity = np.mean(called[truth]), np.mean(~called[~truth])
        print(
            f"{wanted} by thresholds of the other folds, {thresholds.min():.3f} to {thresholds.max():.3f}: "
            f"sensitivity {sensitivity:.3f}, specificity {specificity:.3f}"
        )


def _do(
    dataset_dir: Path, folder: Path, fold: int, share: float, overlays: Sequence[str], settings: dict[str, Any]
) -> None:
    content = read_datalist(dataset_dir / f"datalist_fold{fold}.json")
    content["training"] = _part(content["training"], share)
    folder.mkdir(parents=True, exist_ok=True)
    write_datalist(folder / "datalist.json", content)
    places = {"dataset_dir": dataset_dir, "datalist": folder / "datalist.json", "output_dir": folder}
    more = {"summary_writer": "$None", "resume": "true"}
    _run("training", ["configs/train.json", *overlays], {**places, **more, **settings})
    less = {"section": "validation", "gradcam_slices": 0, "checked_explanations": 0, "summary_writer": "$None"}
    files = ["configs/train.json", *overlays, "configs/evaluate.json"]
    _run("evaluate", files, {**places, "slice_smoothing": 0, **settings, **less})


def _part(rows: Sequence[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    """Return the rows of a share of the patients of each kind."""
    kinds: dict[tuple[str, bool], list[str]] = {}
    of_patient: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        of_patient.setdefault(row["patient"], []).append(row)
    for patient, own in of_patient.items():
        kind = own[0].get("site", ""), any(row["label"][ANY_INDEX] == 1 for row in own)
        kinds.setdefault(kind, []).append(patient)
    kept: set[str] = set()
    for patients in kinds.values():
        kept.update(np.random.default_rng(0).permutation(sorted(patients))[: max(1, round(share * len(patients)))])
    return [row for row in rows if row["patient"] in kept]


def _run(run_id: str, configs: Sequence[str], settings: dict[str, Any]) -> None:
    arguments = [text for key, value in settings.items() for text in (f"--{key}", str(value))]
    files = f"[{','.join(repr(each) for each in configs)}]"
    command = [sys.executable, "-m", "monai.bundle", "run", run_id, "--config_file", files, *arguments]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise InputError(f"{run_id} ended early, for the reason above", "start the same command again to go on")


if __name__ == "__main__":
    run_command(main)
