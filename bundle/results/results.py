"""From what is known of slices to records, files, pictures, DICOM objects and an exit status."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bundle.datalist.build import bundle_version
from bundle.errors import InputError
from bundle.files import display_name, writable_folder
from bundle.labels import CLASSES
from bundle.pictures import Explainer
from bundle.predictions import THRESHOLD, Predictions, SliceSmoothing
from bundle.results.answer import Answer
from bundle.results.collected import Collected
from bundle.results.doubts import Doubts, find_doubts
from bundle.results.locations import locate_heads
from bundle.results.model import Model
from bundle.results.page import Page
from bundle.results.records import (
    Record,
    Records,
    failed_records,
    left_out_records,
    series_records,
    slice_records,
)
from bundle.results.slice_pictures import SlicePictures
from bundle.results.uncertainty import describe_uncertainty
from bundle.results.verdicts import describe_heads
from bundle.results.write import write_results
from bundle.sources.unlabelled import common_folder

if TYPE_CHECKING:
    from bundle.dicom_results import Earlier
    from bundle.results.dicom_objects import DicomObjects

STATION = "BRAIN_CT_AI"
"""Name of an installation that has none of its own."""


class Results:
    """Report slices and heads, whatever scored them.

    In the output folder come ``slices.csv``, ``series.csv``, ``left_out.csv``, ``failed.csv``, ``results.json`` (all of
    them), ``index.html``, and on request ``overlays/``. They carry study, series and SOP instance UIDs, and nothing
    that identifies a person unless the names of files and folders do. A series is a head: it has a probability of its
    own, what to do with it, and where the bleed is seen, see `bundle.heads`. What this needs was left beside the
    model's file by an evaluation or an export; where it is missing, those fields are empty, no head is routine, and
    the summary says why.

    Args:
        model: that scored them.
        page: of the heads.
        overlays: number of the most suspicious slices of each series to draw.
        threshold: P(any) from which on a single slice is called a hemorrhage, and a head without a calibration.
        head_threshold: the same of a calibrated head; None takes that of its calibration.
        station: name of the installation in DICOM results.

    Raises:
        InputError: when a threshold is no probability.
    """

    def __init__(
        self,
        model: Model,
        page: Page | None = None,
        overlays: int = 0,
        threshold: float = THRESHOLD,
        head_threshold: float | str | None = None,
        station: str = STATION,
    ) -> None:
        self.model = model
        self.page = page or Page()
        self.overlays = overlays
        self.threshold = _probability("threshold", threshold)
        self.head_threshold = None if head_threshold is None else _probability("head_threshold", head_threshold)
        self.station = station

    def prepare(self, output_dir: Path | str, dicom_dir: Path | str | None = None) -> None:
        """Make the folders, before hours are spent on what goes in.

        Raises:
            InputError: when one cannot be made or written to; see `DicomObjects.prepare`, too.
        """
        writable_folder(output_dir)
        if dicom_dir is not None:
            self._dicom().prepare(dicom_dir)

    def write(
        self,
        collected: Collected,
        explainer: Explainer,
        rejected: Sequence[Mapping[str, Any]],
        root: Path | str | Sequence[Path | str],
        output_dir: Path | str,
        dicom_dir: Path | str | None = None,
        earlier: "Earlier | None" = None,
        lacking: Sequence[str] = (),
    ) -> Answer:
        """Write everything, and return what it says.

        Args:
            collected: what is known of the slices.
            explainer: of the same slices, whose rows are as `bundle.sources.unlabelled.find_images` gives them.
            rejected: files that were no usable image and series that the gate left out, as
                `bundle.sources.unlabelled.find_images` gives them; of the first "image" and "reason" are enough.
            root: what was given to inference; the images' names in the results are relative to what holds all of it.
            output_dir: folder of the results.
            dicom_dir: of the DICOM objects; None writes none.
            earlier: answers about the study, which its DICOM objects take the place of; None where nobody counts them.
            lacking: clauses about what was not given, see `bundle.results.doubts.find_doubts`.

        Raises:
            InputError: when a folder cannot be written, or overlays cannot be drawn.
        """
        base, folder = common_folder(root), writable_folder(output_dir)
        collected = replace(collected, reasons=[_without_base(each, base) for each in collected.reasons])
        scored = np.flatnonzero(collected.scored).tolist()
        paths = [explainer.rows[index] for index in scored]
        rows, doubts = _named(explainer.rows, base), find_doubts(explainer.rows, collected, rejected, lacking)
        smoothed = SliceSmoothing(rows, self.model.view.slice_smoothing)(collected.probabilities, collected.scored)
        whole, alone = (
            Predictions.of_rows(rows, each, self.model.task, distances).restricted(collected.scored)
            for each, distances in ((smoothed, collected.distances), (collected.probabilities, None))
        )
        records = self._records(rows, whole, collected, _named(rejected, base), doubts)
        about = self._about(collected)
        write_results(folder, records, about)
        # The tables are there before the pictures, which may fail.
        pictures = SlicePictures(explainer, scored, whole, records.slices)
        series, maps = locate_heads(records, pictures, alone, self.page.heads)
        records = replace(records, series=series)
        if self.overlays and records.slices:
            records = replace(records, slices=pictures.with_overlays(folder, self.overlays))
        objects = None
        if dicom_dir is not None:
            objects, dicom = writable_folder(dicom_dir), self._dicom()
            algorithm = dicom.algorithm(self.model, explainer.method, self.threshold)
            records = dicom.write(
                objects, records, algorithm, paths, doubts.incomplete, pictures.capture, base, earlier
            )
        write_results(folder, records, about)
        missing = [each for each in (collected.no_uncertainty, self.model.no_heads) if each]
        sentences = [f"Scored by {self.model.description}, version {bundle_version()}."]
        sentences += [f"No head is routine: {sentence}." for sentence in missing]
        self.page.write(folder, records, paths, maps, self.threshold, pictures.numbers, sentences)
        return Answer(records, about, missing, self.model.description, Path(output_dir), objects)

    def _dicom(self) -> "DicomObjects":
        from bundle.results.dicom_objects import DicomObjects  # the dictionaries of codes, which others do without

        return DicomObjects(self.station)

    def _records(
        self,
        rows: Sequence[Mapping[str, Any]],
        predictions: Predictions,
        collected: Collected,
        rejected: Sequence[Record],
        doubts: Doubts,
    ) -> Records:
        of_scored = [row for row, scored in zip(rows, collected.scored, strict=True) if scored]
        slices = slice_records(of_scored, predictions, collected.uncertainty)
        series = series_records(
            slices,
            of_scored,
            self.model.task,
            self.threshold,
            self.head_threshold,
            self.model.heads,
            collected.uncertainty,
            doubts.lost,
            doubts.clauses,
        )
        return Records(
            slices,
            series,
            [*_failed_files(rejected), *failed_records(rows, collected)],
            [*(entry for entry in rejected if "kind" in entry), *left_out_records(rows, collected)],
        )

    def _about(self, collected: Collected) -> dict[str, Any]:
        return {
            "task": self.model.task,
            "classes": CLASSES[self.model.task],
            "runtime": self.model.runtime,
            "model": self.model.sha256,
            "threshold": self.threshold,
            "head_threshold": self.head_threshold,
            "uncertainty": describe_uncertainty(collected.uncertainty, collected.no_uncertainty),
            "heads": describe_heads(self.model.heads, self.model.no_heads),
        }


def _failed_files(rejected: Sequence[Record]) -> list[Record]:
    """Return the records of files that were no usable image, among what was left out."""
    return [{name: each[name] for name in ("image", "reason")} for each in rejected if "kind" not in each]


def _named(rows: Sequence[Mapping[str, Any]], base: Path) -> list[Record]:
    """Return the rows with their images named as the results name them, also where a reason names one."""
    paths = [Path(row["image"]) for row in rows]
    names = [path.relative_to(base) if path.is_relative_to(base) else path.name for path in paths]
    told = [{"reason": _without_base(row["reason"], base)} if "reason" in row else {} for row in rows]
    return [{**row, "image": display_name(name), **reason} for row, name, reason in zip(rows, names, told, strict=True)]


def _without_base(reason: str, base: Path) -> str:
    """Return a reason that names files as the results do: the folders above the input may name a person."""
    return reason.replace(f"{base}{os.sep}", "")


def _probability(name: str, value: float | str) -> float:
    try:
        probability = float(value)
    except ValueError:
        probability = -1
    if not 0 < probability <= 1:
        raise InputError(f"the {name} of P(any) must be a number above 0 and at most 1, got {value!r}")
    return probability
