"""What inference leaves behind: a row a slice, a row a series, and the files that could not be used."""

import csv
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import numpy as np
from ignite.engine import Events
from monai.engines import Workflow
from PIL import Image

from bundle.deploy.tolerant import FAILED
from bundle.deploy.uncertainty import (
    NOTHING,
    cannot_decide,
    describe_uncertainty,
    find_uncertainty,
    series_uncertainty,
    slice_uncertainty,
)
from bundle.errors import InputError
from bundle.explain import Explainer
from bundle.files import writable_folder
from bundle.labels import ANY, ANY_INDEX, CLASSES, NORMAL
from bundle.networks.penultimate import PenultimateFeatures
from bundle.parallel.processes import from_rank_zero, gather
from bundle.predictions import THRESHOLD, SliceSmoothing, label_probabilities, likeliest_bleed, study_scores
from bundle.uncertainty import Uncertainty

logger = logging.getLogger(__name__)

SOME_FAILED = 2
"""Exit status when results were written, but at least one file could not be used."""

_IDENTITY = ("image", "slice", "study", "series", "sop", "position")


class InferenceResults:
    """Collect the probabilities of all slices, and write them by slice and by series.

    A series is scored by the rule `bundle.predictions.STUDY_RULE`. In the output folder come ``slices.csv``,
    ``series.csv``, ``results.json`` (both, with the failed files), ``failed.csv``, and on request ``overlays/``. They
    carry study, series and SOP instance UIDs, and nothing that identifies a person unless the names of files and
    folders do. Where an evaluation left an uncertainty file beside the checkpoint, each slice and series has its
    prediction set, its distance from validation, and whether to refer it to a radiologist; else those fields are empty,
    and the summary says why. The processes of a job hold the slices that a `DistributedSequentialSampler` gave them;
    rank 0 writes, prints and exits for all.

    Args:
        explainer: of the slices, whose rows are as `bundle.sources.unlabelled.find_images` gives them.
        rejected: files that were no usable image, each with "image" and "reason".
        root: what was given to inference; the images' names in the results are relative to it.
        output_dir: folder of the results.
        checkpoint: of the network, beside which its uncertainty file lies.
        overlays: number of the most suspicious slices of each series to draw.
        threshold: P(any) from which on a series is called a hemorrhage.
        smoothing: of the probabilities by those of neighbouring slices; None takes each slice alone.

    Raises:
        InputError: when the threshold is no probability.
    """

    def __init__(
        self,
        explainer: Explainer,
        rejected: Sequence[Mapping[str, Any]],
        root: Path | str,
        output_dir: Path | str,
        checkpoint: Path | str,
        overlays: int = 0,
        threshold: float = THRESHOLD,
        smoothing: SliceSmoothing | None = None,
    ) -> None:
        if not 0 < threshold <= 1:
            raise InputError(f"the threshold of P(any) must be above 0 and at most 1, got {threshold}")
        self.explainer = explainer
        self.rows = explainer.rows
        self.task = explainer.task
        self.failed = [dict(entry) for entry in rejected]
        self.root = Path(root)
        self.output_dir = Path(output_dir)
        self.checkpoint = checkpoint
        self.overlays = overlays
        self.threshold = threshold
        self.smoothing = smoothing
        self._probabilities: list[np.ndarray] = []
        self._reasons: list[str] = []
        self._distances: list[float] = []
        self._features = PenultimateFeatures(explainer.network)
        self._uncertainty: Uncertainty | None = None
        self._uncalibrated = ""

    def attach(self, engine: Workflow) -> None:
        """Attach to the evaluator."""
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.STARTED, lambda _: writable_folder(self.output_dir))
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)
        engine.add_event_handler(Events.COMPLETED, lambda _: self._features.__exit__())

    def _start(self, engine: Workflow) -> None:
        self._uncertainty, self._uncalibrated = from_rank_zero(find_uncertainty, self.checkpoint, self.task)
        self._features.__enter__()

    def __call__(self, engine: Workflow) -> None:
        """Collect one batch."""
        for output, sample in zip(engine.state.output, engine.state.batch, strict=True):
            self._probabilities.append(output["pred"].numpy(force=True))
            self._reasons.append(sample[FAILED])
        features = self._features.take(len(engine.state.output)).numpy()
        if self._uncertainty is not None:
            self._distances.extend(self._uncertainty.gaussian.distances(features))

    def finish(self) -> None:
        """Write everything, print a summary, and exit with `SOME_FAILED` when a file could not be used.

        Raises:
            InputError: when the output folder cannot be written.
            SystemExit: with 1 when no slice could be scored, with `SOME_FAILED` when some file could not.
        """
        self._probabilities = gather(self._probabilities, len(self.rows))
        self._reasons = gather(self._reasons, len(self.rows))
        self._distances = gather(self._distances, len(self.rows))  # none in any process without that file
        if idist.get_rank() > 0:
            return
        writable_folder(self.output_dir)
        known = [not reason for reason in self._reasons]
        good, bad = (np.flatnonzero(np.equal(known, each)).tolist() for each in (True, False))
        if self.smoothing is not None and self.rows:
            self._probabilities = list(self.smoothing(np.stack(self._probabilities), known))
        self.failed += [{"image": self.rows[index]["image"], "reason": self._reasons[index]} for index in bad]
        self.failed = [{**entry, "image": self._name(entry["image"])} for entry in self.failed]
        slices = self._slice_records(good)
        series = [self._series_record(members) for members in _by_series(slices)]
        if self.overlays:
            self._draw(slices, good)
        self._write(slices, series)
        self._print(series, len(slices))
        if not slices:
            raise SystemExit(1)
        if self.failed:
            raise SystemExit(SOME_FAILED)

    def _name(self, image: str) -> str:
        path = Path(image)
        base = self.root if self.root.is_dir() else self.root.parent
        return path.relative_to(base.absolute()).as_posix() if path.is_relative_to(base.absolute()) else path.name

    def _slice_records(self, good: Sequence[int]) -> list[dict[str, Any]]:
        if not good:
            return []
        probabilities = np.stack([self._probabilities[index] for index in good])
        of_any = label_probabilities(probabilities, self.task)[:, ANY_INDEX]
        doubt: Sequence[Mapping[str, Any]] = [NOTHING] * len(good)
        if self._uncertainty is not None:
            distances = np.array([self._distances[index] for index in good])
            doubt = slice_uncertainty(probabilities, distances, self.task, self._uncertainty)
        records = []
        for index, values, p_any, uncertainty in zip(good, probabilities, of_any, doubt, strict=True):
            row = self.rows[index]
            identity = {name: row.get(name, "") for name in _IDENTITY} | {"image": self._name(row["image"])}
            scores = {f"p_{name}": round(float(p), 6) for name, p in zip(CLASSES[self.task], values, strict=True)}
            records.append({**identity, **scores, f"p_{ANY}": round(float(p_any), 6), **uncertainty})
        return records

    def _series_record(self, members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        worst = max(members, key=lambda record: record[f"p_{ANY}"])
        names = [f"p_{name}" for name in dict.fromkeys((*CLASSES[self.task], ANY)) if name != NORMAL]
        (scores,) = study_scores([[record[name] for name in names] for record in members], [""] * len(members))
        of_series = dict(zip(names, scores.round(6).tolist(), strict=True))
        doubt = {name: None for name in NOTHING if name != "set_classes"}
        if self._uncertainty is not None:
            p_any, distances = ([record[name] for record in members] for name in (f"p_{ANY}", "feature_distance"))
            doubt = series_uncertainty(p_any, distances, self._uncertainty)
        return {
            "study": worst["study"],
            "series": worst["series"],
            "slices": len(members),
            **of_series,
            "hemorrhage": of_series[f"p_{ANY}"] >= self.threshold,
            "most_suspicious_image": worst["image"],
            "most_suspicious_slice": worst["slice"],
            "most_suspicious_sop": worst["sop"],
            **doubt,
            "slices_referred": sum(bool(record["refer"]) for record in members) if self._uncertainty else None,
        }

    def _draw(self, slices: Sequence[dict[str, Any]], good: Sequence[int]) -> None:
        folder = writable_folder(self.output_dir / "overlays")
        position = {id(record): index for record, index in zip(slices, good, strict=True)}
        chosen = [
            record
            for members in _by_series(slices)
            for record in sorted(members, key=lambda record: -record[f"p_{ANY}"])[: self.overlays]
        ]
        indices = [position[id(record)] for record in chosen]
        classes = [likeliest_bleed(self._probabilities[index], self.task) for index in indices]
        for record, explanation in zip(chosen, self.explainer.explain(indices, classes), strict=True):
            suffix = f"_{record['slice']}" if record["slice"] != "" else ""
            file = folder / f"{record['image'].replace('/', '_')}{suffix}.png"
            Image.fromarray(explanation.overlay()).save(file)
            record["overlay"] = f"overlays/{file.name}"

    def _write(self, slices: Sequence[Mapping[str, Any]], series: Sequence[Mapping[str, Any]]) -> None:
        _write_csv(self.output_dir / "slices.csv", slices)
        _write_csv(self.output_dir / "series.csv", series)
        _write_csv(self.output_dir / "failed.csv", self.failed, ("image", "reason"))
        everything = {
            "task": self.task,
            "classes": CLASSES[self.task],
            "threshold": self.threshold,
            "uncertainty": describe_uncertainty(self._uncertainty, self._uncalibrated),
            "series": series,
            "slices": slices,
            "failed": self.failed,
        }
        (self.output_dir / "results.json").write_text(json.dumps(everything, indent=2) + "\n")

    def _print(self, series: Sequence[Mapping[str, Any]], slices: int) -> None:
        for record in series[:20]:
            where = record["most_suspicious_image"]
            if record["most_suspicious_slice"] != "":
                where += f" slice {record['most_suspicious_slice']}"
            refer = f"  refer to a radiologist: {record['refer_reason']}" if record["refer"] else ""
            print(f"P(any) {record[f'p_{ANY}']:.3f}  {record['slices']:4d} slices  most suspicious: {where}{refer}")
        if len(series) > 20:
            print(f"… and {len(series) - 20} more series")
        print(f"{slices} slices of {len(series)} series scored, {len(self.failed)} files failed: {self.output_dir}")
        if self._uncalibrated:
            print(f"no prediction sets and no referral: {self._uncalibrated}")
        elif self._uncertainty is not None and cannot_decide(self._uncertainty):
            print(
                "validation had too few studies for a series to be decided, so each is referred; see each slice's own"
            )
        for entry in self.failed[:10]:
            print(f"  failed: {entry['image']}: {entry['reason']}")


def _by_series(slices: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    groups: dict[Any, list[dict[str, Any]]] = {}
    for record in slices:
        groups.setdefault((record["study"], record["series"]), []).append(record)
    return list(groups.values())


def _write_csv(path: Path, records: Sequence[Mapping[str, Any]], fields: Sequence[str] = ()) -> None:
    names = list(dict.fromkeys([*fields, *(name for record in records for name in record)]))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(records)
