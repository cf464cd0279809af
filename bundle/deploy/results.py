"""The end of an inference: what was collected is decided on, drawn, written and summarised."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import numpy as np

from bundle.deploy.collected import CollectOutputs
from bundle.deploy.overlays import draw_overlays
from bundle.deploy.records import (
    Record,
    Records,
    failed_records,
    left_out_records,
    most_suspicious,
    series_records,
    slice_records,
)
from bundle.deploy.summary import summarize
from bundle.deploy.write import write_results
from bundle.errors import InputError
from bundle.explain import Explainer
from bundle.files import display_name, writable_folder
from bundle.predictions import THRESHOLD, Predictions, SliceSmoothing

NOTHING_SCORED = 1
"""Exit status when no slice could be scored."""
SOME_FAILED = 2
"""Exit status when results were written, but at least one file could not be used."""


class InferenceResults:
    """Report what inference collected, by slice and by series.

    A series is scored by the rule `bundle.predictions.STUDY_RULE`. In the output folder come ``slices.csv``,
    ``series.csv``, ``left_out.csv``, ``failed.csv``, ``results.json`` (all of them), and on request ``overlays/``. They
    carry study, series and SOP instance UIDs, and nothing that identifies a person unless the names of files and
    folders do. Where an evaluation left an uncertainty file beside the checkpoint, each slice and series has its
    prediction set, its distance from validation, and whether to refer it to a radiologist; else those fields are empty,
    and the summary says why. Of a job's processes, rank 0 writes and prints for all.

    Args:
        outputs: the handler that collects them.
        explainer: of the slices, whose rows are as `bundle.sources.unlabelled.find_images` gives them.
        rejected: files that were no usable image, each with "image" and "reason", and series that the gate left out,
            which have a "kind", too.
        root: what was given to inference; the images' names in the results are relative to it.
        output_dir: folder of the results.
        smoothing: of the probabilities by those of neighbouring slices.
        overlays: number of the most suspicious slices of each series to draw.
        threshold: P(any) from which on a series is called a hemorrhage.

    Raises:
        InputError: when the threshold is no probability.
    """

    def __init__(
        self,
        outputs: CollectOutputs,
        explainer: Explainer,
        rejected: Sequence[Mapping[str, Any]],
        root: Path | str,
        output_dir: Path | str,
        smoothing: SliceSmoothing,
        overlays: int = 0,
        threshold: float = THRESHOLD,
    ) -> None:
        if not 0 < threshold <= 1:
            raise InputError(f"the threshold of P(any) must be above 0 and at most 1, got {threshold}")
        self.outputs = outputs
        self.explainer = explainer
        self.rejected = rejected
        self.root = Path(root)
        self.output_dir = Path(output_dir)
        self.smoothing = smoothing
        self.overlays = overlays
        self.threshold = threshold

    def prepare(self) -> None:
        """Make the output folder, before hours are spent on what goes in.

        Raises:
            InputError: when it cannot be made or written to.
        """
        if idist.get_rank() == 0:
            writable_folder(self.output_dir)

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
        rows, rejected = self._named(self.explainer.rows), self._named(self.rejected)
        scored = np.flatnonzero(collected.scored).tolist()
        smoothed = self.smoothing(collected.probabilities, collected.scored)
        predictions = Predictions.of_rows(rows, smoothed, task, collected.distances).restricted(collected.scored)
        slices = slice_records([rows[index] for index in scored], predictions, collected.uncertainty)
        series = series_records(slices, [rows[index] for index in scored], task, self.threshold, collected.uncertainty)
        failed = [entry for entry in rejected if "kind" not in entry]
        left_out = [entry for entry in rejected if "kind" in entry]
        records = Records(
            slices,
            series,
            [*failed, *failed_records(rows, collected)],
            [*left_out, *left_out_records(rows, collected)],
        )
        folder = writable_folder(self.output_dir)
        write_results(folder, records, task, self.threshold, collected)
        if self.overlays and slices:
            # The tables are there before the pictures, which may fail.
            records = replace(records, slices=self._with_overlays(slices, predictions, scored))
            write_results(folder, records, task, self.threshold, collected)
        print(summarize(records, collected, self.output_dir))
        return exit_status(records)

    def _named(self, rows: Sequence[Mapping[str, Any]]) -> list[Record]:
        """Return the rows with their images named as the results name them."""
        base = (self.root if self.root.is_dir() else self.root.parent).absolute()
        paths = [Path(row["image"]) for row in rows]
        names = [path.relative_to(base) if path.is_relative_to(base) else path.name for path in paths]
        return [{**row, "image": display_name(name)} for row, name in zip(rows, names, strict=True)]

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


def exit_status(records: Records) -> int:
    """Return 0 when all was scored, `NOTHING_SCORED`, or `SOME_FAILED`."""
    if not records.slices:
        return NOTHING_SCORED
    return SOME_FAILED if records.failed else 0
