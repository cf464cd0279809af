"""An exported classifier with all that leads to its probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bundle.predictions import SliceSmoothing
from bundle.runtime.brain_mask import BrainMask
from bundle.runtime.classifier import Outputs, probabilities
from bundle.runtime.export_file import BRAIN_MASK, check_file
from bundle.runtime.opened import AUTO, open_classifier
from bundle.runtime.squares import Square, Squares
from bundle.uncertainty import Uncertainty, find_uncertainty


@dataclass(frozen=True, eq=False)
class Scored:
    """What the runtime says of N slices, in the order of their rows."""

    probabilities: np.ndarray
    """[N, C] float64, calibrated and smoothed over neighbours; those of a slice that was not scored without meaning."""
    alone: np.ndarray
    """The same before smoothing."""
    reasons: Sequence[str]
    """Why each slice was not scored, "" for one that was."""
    kinds: Sequence[str]
    """What each slice that was left out is, see `bundle.gate.Kind`; "" for all others."""
    boxes: Sequence[tuple[tuple[int, int], tuple[int, int]]]
    """What the classifier saw of each slice: first row and row after the last, likewise the columns."""
    features: np.ndarray
    """[N, D] float32, NaN for a slice that was not scored."""
    evidence: np.ndarray | None
    """[N, h, w] float32, high where the evidence for a bleed is in the box; None of a network without such a map."""
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
        calibration: of the runtime, None where the export had no labelled slices.
        uncertainty: of the runtime's very file, None where there is none.
        no_uncertainty: why there is none, in a sentence.
    """

    def __init__(
        self, folder: Path | str, name: str = AUTO, mirrored: bool | None = None, threads: int | None = None
    ) -> None:
        opened = open_classifier(folder, name, mirrored, threads)
        self.export, self.name, self.calibration = opened.export, opened.name, opened.calibration
        self.classifier = opened.classifier
        self.uncertainty: Uncertainty | None
        self.uncertainty, self.no_uncertainty = find_uncertainty(opened.file, self.export.task)
        preprocessing = self.export.preprocessing
        mask = None
        if preprocessing.mask:
            mask = BrainMask(check_file(folder, self.export, BRAIN_MASK), preprocessing.mask_margin, threads)
        self.squares = Squares(preprocessing, mask, threads)

    def score(self, rows: Sequence[Mapping[str, Any]]) -> Scored:
        """Return what the runtime says of slices; one that cannot be read costs itself alone.

        Args:
            rows: as `bundle.sources.unlabelled.find_images` gives them.
        """
        squares: list[Square] = []
        parts: list[Outputs] = []
        for batch in self.squares(rows):
            levels = [each.levels for each in batch if each.levels is not None]
            if levels:
                parts.append(self.classifier(np.stack(levels)))
            # The pixels are not needed any more.
            squares += [Square(None, each.box, each.reason, each.kind) for each in batch]
        known = np.array([not each.reason for each in squares], dtype=bool)
        logits = _spread(known, [each.logits for each in parts], len(self.export.classes))
        features = _spread(known, [each.features for each in parts])
        maps = [each.evidence for each in parts if each.evidence is not None]
        calibrated = probabilities(np.where(known[:, None], logits, 0), self.export.task, self.calibration)
        distances = None
        if self.uncertainty is not None:
            distances = np.full(len(rows), np.nan)
            if known.any():
                distances[known] = self.uncertainty.gaussian.distances(features[known])
        return Scored(
            SliceSmoothing(rows, self.export.slice_smoothing)(calibrated, known),
            calibrated,
            [each.reason for each in squares],
            [each.kind for each in squares],
            [each.box for each in squares],
            features,
            _spread(known, maps) if maps else None,
            distances,
        )


def _spread(known: np.ndarray, parts: Sequence[np.ndarray], width: int = 0) -> np.ndarray:
    """Return the values of the known slices in their places among all, NaN elsewhere, [N, ...] float32."""
    values = np.concatenate(parts) if parts else np.zeros((0, width), np.float32)
    result = np.full((len(known), *values.shape[1:]), np.nan, np.float32)
    result[known] = values
    return result
