"""An exported classifier with all that leads to its probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bundle.gate import Lost
from bundle.parallel import prefetched
from bundle.predictions import View
from bundle.preprocessing import find_slabs
from bundle.progress import progress
from bundle.runtime.brain_mask import BrainMask
from bundle.runtime.classifier import probabilities
from bundle.runtime.export_file import BRAIN_MASK, check_file
from bundle.runtime.opened import AUTO, open_classifier
from bundle.runtime.squares import NOWHERE, Box, Squares
from bundle.uncertainty import Uncertainty, find_uncertainty


@dataclass(frozen=True, eq=False)
class Scored:
    """What the runtime says of N slices, in the order of their rows."""

    probabilities: np.ndarray
    """[N, C] float64, calibrated, of each slice alone; those of a slice that was not scored without meaning."""
    reasons: Sequence[str]
    """Why each slice was not scored, "" for one that was."""
    kinds: Sequence[str]
    """What each slice that was left out is, see `bundle.gate.Kind`; "" for all others."""
    boxes: Sequence[Box]
    """What the classifier saw of each slice: first row and row after the last, likewise the columns."""
    evidence: np.ndarray | None
    """[N, h, w] float32, high where the evidence for a bleed is in the box; NaN for a slice that was not scored.

    None of a network without such a map.
    """
    distances: np.ndarray | None
    """[N] float64, how far the features lie from those of validation; None without an uncertainty file."""

    @property
    def scored(self) -> np.ndarray:
        """Which slices were scored, bool [N]."""
        return np.array([not reason for reason in self.reasons], dtype=bool)


class Runtime:
    """Files to probabilities by exported files, without PyTorch.

    Args:
        folder: as ``python -m scripts.export`` wrote it.
        name: of the runtime, see `open_classifier`.
        mirrored: likewise.
        threads: of the computation; as many as there are cores when None.

    Raises:
        InputError: see `open_classifier`.

    Attributes:
        export: what export.json says.
        name: of the runtime.
        file: of the classifier, beside which lies what was fitted with it.
        view: how the classifier is shown slices.
        calibration: of the runtime, None where the export had no labelled slices.
        uncertainty: of the runtime's very file, None where there is none.
        no_uncertainty: why there is none, in a sentence.
    """

    def __init__(
        self, folder: Path | str, name: str = AUTO, mirrored: bool | None = None, threads: int | None = None
    ) -> None:
        opened = open_classifier(folder, name, mirrored, threads)
        self.export, self.name, self.calibration = opened.export, opened.name, opened.calibration
        self.file, self.classifier = opened.file, opened.classifier
        self.uncertainty: Uncertainty | None
        preprocessing = self.export.preprocessing
        self.view = View(
            preprocessing.image_size, preprocessing.windows, preprocessing.mask, opened.classifier.mirrored,
            self.export.standardise, self.export.slice_smoothing,
        )  # fmt: skip
        self.uncertainty, self.no_uncertainty = find_uncertainty(opened.file, self.export.task, self.view)
        mask = None
        if preprocessing.mask:
            mask = BrainMask(check_file(folder, self.export, BRAIN_MASK), preprocessing.mask_margin, threads)
        self.squares = Squares(preprocessing, mask, threads)

    def score(self, rows: Sequence[Mapping[str, Any]]) -> Scored:
        """Return what the runtime says of slices; one that cannot be read costs itself alone.

        Thin slices are scored as slabs, see `bundle.preprocessing.find_slabs`: all that are seen in one have the same
        values. The squares of the next slabs are made beside the classifier's work on these.

        Args:
            rows: as `bundle.sources.unlabelled.find_images` gives them.
        """
        slabs = find_slabs(rows)
        place = np.full(len(rows), -1)
        lost: list[Lost | None] = [None] * len(rows)
        boxes: list[Box] = [NOWHERE] * len(rows)
        logits: list[np.ndarray] = []
        maps: list[np.ndarray] = []
        distances: list[np.ndarray] = []
        seen, left = 0, iter(slabs)
        bar = progress(total=len(slabs), desc="inference", unit="slice", delay=2)
        for batch in prefetched(self.squares([[rows[index] for index in slab] for slab in slabs])):
            for square in batch:
                for index, why in zip(next(left), square.lost, strict=True):
                    lost[index], boxes[index], place[index] = why, square.box, -1 if why else seen
                seen += square.levels is not None
            levels = [each.levels for each in batch if each.levels is not None]
            if levels:
                outputs = self.classifier(np.stack(levels))
                logits.append(outputs.logits)
                if outputs.evidence is not None:
                    maps.append(outputs.evidence)
                if self.uncertainty is not None:
                    distances.append(self.uncertainty.gaussian.distances(outputs.features))
            bar.update(len(batch))
        bar.close()
        known = place >= 0
        of_slices = np.where(known[:, None], _spread(place, logits, len(self.export.classes)), 0)
        return Scored(
            probabilities(of_slices, self.export.task, self.calibration),
            [why.reason if why else "" for why in lost],
            [why.kind if why else "" for why in lost],
            boxes,
            _spread(place, maps) if maps else None,
            None if self.uncertainty is None else _spread(place, [each[:, None] for each in distances], 1)[:, 0],
        )


def _spread(place: np.ndarray, parts: Sequence[np.ndarray], width: int = 0) -> np.ndarray:
    """Return the values of slices by their places among the outputs, NaN for those that have none, [N, ...]."""
    values = np.concatenate(parts) if parts else np.zeros((0, width), np.float32)
    result = np.full((len(place), *values.shape[1:]), np.nan, values.dtype)
    known = place >= 0
    result[known] = values[place[known]]
    return result
