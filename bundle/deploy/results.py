"""The end of an inference: what was collected is decided on, drawn, written and summarised."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import numpy as np

from bundle.deploy.collected import CollectOutputs
from bundle.deploy.dicom_objects import DicomObjects
from bundle.deploy.field_of_view import cut_off_heads
from bundle.deploy.locations import locate, location_columns, needs_location
from bundle.deploy.overlays import captioned_overlays, draw_overlays
from bundle.deploy.page import Page
from bundle.deploy.records import (
    Record,
    Records,
    failed_records,
    failed_rows,
    left_out_records,
    most_suspicious,
    series_of,
    series_records,
    slice_records,
    slices_by_series,
)
from bundle.deploy.summary import summarize
from bundle.deploy.uncertainty import describe_uncertainty
from bundle.deploy.verdicts import describe_heads, find_heads
from bundle.deploy.write import write_results
from bundle.dicom_results import Algorithm
from bundle.errors import InputError
from bundle.explain import Explainer, Explanation
from bundle.files import display_name, writable_folder
from bundle.labels import CLASSES
from bundle.pages import NOT_FOR_DIAGNOSIS
from bundle.predictions import THRESHOLD, Predictions, SliceSmoothing
from bundle.progress import progress
from bundle.sources.unlabelled import common_folder

logger = logging.getLogger(__name__)

NOTHING_SCORED = 1
"""Exit status when no slice could be scored."""
SOME_FAILED = 2
"""Exit status when results were written, but at least one file could not be used."""


class InferenceResults:
    """Report what inference collected, by slice and by head.

    In the output folder come ``slices.csv``, ``series.csv``, ``left_out.csv``, ``failed.csv``, ``results.json`` (all of
    them), ``index.html``, and on request ``overlays/``. They carry study, series and SOP instance UIDs, and nothing
    that identifies a person unless the names of files and folders do. A series is a head: it has a probability of its
    own, what to do with it, and where the bleed is seen, see `bundle.heads`. What this needs was left beside the
    checkpoint by an evaluation; where it is missing, those fields are empty, no head is routine, and the summary says
    why. Of a job's processes, rank 0 writes and prints for all.

    Args:
        outputs: the handler that collects them.
        explainer: of the slices, whose rows are as `bundle.sources.unlabelled.find_images` gives them.
        rejected: files that were no usable image, each with "image" and "reason", and series that the gate left out,
            which have a "kind", too.
        root: what was given to inference; the images' names in the results are relative to what holds all of it.
        output_dir: folder of the results.
        smoothing: of the probabilities by those of neighbouring slices.
        page: of the heads.
        dicom: results for a PACS; None writes none.
        overlays: number of the most suspicious slices of each series to draw.
        threshold: P(any) from which on a single slice is called a hemorrhage, and a head without a calibration.
        head_threshold: the same of a calibrated head; None takes that of its calibration.

    Raises:
        InputError: when a threshold is no probability.
    """

    def __init__(
        self,
        outputs: CollectOutputs,
        explainer: Explainer,
        rejected: Sequence[Mapping[str, Any]],
        root: Path | str | Sequence[str],
        output_dir: Path | str,
        smoothing: SliceSmoothing,
        page: Page,
        dicom: DicomObjects | None = None,
        overlays: int = 0,
        threshold: float = THRESHOLD,
        head_threshold: float | str | None = None,
    ) -> None:
        self.outputs = outputs
        self.explainer = explainer
        self.rejected = rejected
        self.root = root
        self.output_dir = Path(output_dir)
        self.smoothing = smoothing
        self.page = page
        self.dicom = DicomObjects() if dicom is None else dicom
        self.overlays = overlays
        self.threshold = _probability("threshold", threshold)
        self.head_threshold = None if head_threshold is None else _probability("head_threshold", head_threshold)

    def prepare(self) -> None:
        """Make the folders of the results, before hours are spent on what goes in.

        Raises:
            InputError: when one cannot be made or written to; see also `DicomObjects.prepare`.
        """
        if idist.get_rank() == 0:
            writable_folder(self.output_dir)
            self.dicom.prepare()

    def finish(self) -> int:
        """Write everything, print a summary, and return the exit status; each process of a job must ask.

        Returns:
            0 when all was scored, `NOTHING_SCORED`, or `SOME_FAILED`; 0 in the processes that do not write.

        Raises:
            InputError: when the output folder cannot be written.
        """
        collected = self.outputs.gathered()
        if idist.get_rank() > 0:
            return 0
        task = self.explainer.task
        heads, no_heads = find_heads(self.outputs.checkpoint, task, self.smoothing.sigma)
        rows, rejected = self._named(self.explainer.rows), self._named(self.rejected)
        scored = np.flatnonzero(collected.scored).tolist()
        smoothed = self.smoothing(collected.probabilities, collected.scored)
        predictions = Predictions.of_rows(rows, smoothed, task, collected.distances).restricted(collected.scored)
        of_scored = [rows[index] for index in scored]
        cut_off = cut_off_heads([self.explainer.rows[index] for index in scored])
        slices = slice_records(of_scored, predictions, collected.uncertainty)
        lost = failed_rows(rows, collected)
        records = Records(
            slices,
            series_records(
                slices,
                of_scored,
                task,
                self.threshold,
                self.head_threshold,
                heads,
                collected.uncertainty,
                lost,
                cut_off,
            ),
            [*(entry for entry in rejected if "kind" not in entry), *failed_records(rows, collected)],
            [*(entry for entry in rejected if "kind" in entry), *left_out_records(rows, collected)],
        )
        about = {
            "task": task,
            "classes": CLASSES[task],
            "threshold": self.threshold,
            "head_threshold": self.head_threshold,
            "uncertainty": describe_uncertainty(collected.uncertainty, collected.no_uncertainty),
            "heads": describe_heads(heads, no_heads),
        }
        folder = writable_folder(self.output_dir)
        write_results(folder, records, about)
        maps: dict[int, Explanation] = {}
        if slices:
            # The tables are there before the pictures, which may fail.
            alone = Predictions.of_rows(rows, collected.probabilities, task).restricted(collected.scored)
            series, maps = self._located(records, alone, scored)
            records = replace(records, series=series)
            if self.overlays:
                records = replace(records, slices=self._with_overlays(slices, predictions, scored))
        paths = [self.explainer.rows[index] for index in scored]
        if self.dicom.folder is not None:
            picture = partial(self._picture, slices, predictions, scored)
            objects = writable_folder(self.dicom.folder)
            incomplete = {*map(series_of, lost), *cut_off}
            base = common_folder(self.root)
            records = self.dicom.write(objects, records, self._algorithm(), paths, incomplete, picture, base)
        write_results(folder, records, about)
        self.page.write(folder, records, paths, maps, self.threshold)
        print(summarize(records, [collected.no_uncertainty, no_heads], self.output_dir))
        if self.dicom.folder is not None:
            print(self.dicom.describe(records))
        return exit_status(records)

    def _located(
        self, records: Records, alone: Predictions, indices: Sequence[int]
    ) -> tuple[list[Record], dict[int, Explanation]]:
        """Return the records of the series with where their bleeds are seen, and the heat maps that say so by slice."""
        members = slices_by_series(records.slices)
        located: list[Record] = []
        maps: dict[int, Explanation] = {}
        for series in progress(records.series, "Locations", unit="head", delay=2):
            location = None
            if needs_location(series):
                own = members[series_of(series)]
                try:
                    found = locate(self.explainer, [indices[index] for index in own], alone.restricted(own))
                except InputError as error:
                    logger.warning("%s; where its bleed is seen is not reported.", error)
                else:
                    location = found[0]
                    maps |= {own[place]: each for place, each in found[1].items()}
            located.append({**series, **location_columns(location)})
        return located, maps

    def _named(self, rows: Sequence[Mapping[str, Any]]) -> list[Record]:
        """Return the rows with their images named as the results name them."""
        base = common_folder(self.root)
        paths = [Path(row["image"]) for row in rows]
        names = [path.relative_to(base) if path.is_relative_to(base) else path.name for path in paths]
        return [{**row, "image": display_name(name)} for row, name in zip(rows, names, strict=True)]

    def _algorithm(self) -> Algorithm:
        return self.dicom.algorithm(
            self.outputs.checkpoint,
            self.explainer.method,
            threshold=self.threshold,
            head_threshold=self.head_threshold or "calibrated",
            slice_smoothing=self.smoothing.sigma,
        )

    def _picture(
        self, slices: Sequence[Record], predictions: Predictions, indices: Sequence[int], index: int
    ) -> np.ndarray:
        """Return the overlay of a slice with its captions, by the index of its record."""
        one = predictions.restricted([index])
        return next(captioned_overlays(self.explainer, [indices[index]], one, slices, [index], NOT_FOR_DIAGNOSIS))

    def _with_overlays(
        self, slices: Sequence[Record], predictions: Predictions, indices: Sequence[int]
    ) -> list[Record]:
        chosen = most_suspicious(slices, self.overlays)
        written = draw_overlays(
            self.output_dir / "overlays",
            self.explainer,
            [indices[index] for index in chosen],
            predictions.restricted(chosen),
            slices,
            chosen,
        )
        return [
            {**record, "overlay": f"overlays/{written[index]}"} if index in written else record
            for index, record in enumerate(slices)
        ]


def _probability(name: str, value: float | str) -> float:
    try:
        probability = float(value)
    except ValueError:
        probability = -1
    if not 0 < probability <= 1:
        raise InputError(f"the {name} of P(any) must be a number above 0 and at most 1, got {value!r}")
    return probability


def exit_status(records: Records) -> int:
    """Return 0 when all was scored, `NOTHING_SCORED`, or `SOME_FAILED`."""
    if not records.slices:
        return NOTHING_SCORED
    return SOME_FAILED if records.failed else 0
