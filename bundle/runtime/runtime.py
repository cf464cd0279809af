"""An exported classifier with all that leads to its probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.predictions import SliceSmoothing
from bundle.runtime.brain_mask import BrainMask
from bundle.runtime.classifier import Classifier, Outputs, probabilities
from bundle.runtime.export_file import BRAIN_MASK, CLASSIFIERS, FP32, INT8, Calibration, check_file, read_export
from bundle.runtime.squares import Square, Squares
from bundle.uncertainty import Uncertainty, find_uncertainty

AUTO = "auto"


@dataclass(frozen=True, eq=False)
class Scored:
    """What the runtime says of N slices, in the order of their rows."""

    probabilities: np.ndarray
    """[N, C] float64, calibrated and smoothed over neighbours; those of a slice that was not scored without meaning."""
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
        name: a key of `CLASSIFIERS`; "auto" is int8 where it was offered, else fp32.
        mirrored: whether the mirror image is seen, too; as the export says when None.
        threads: of the computation; as many as there are cores when None.

    Raises:
        InputError: when the folder is no export of this bundle, one of its files was changed or cannot be loaded, or it
            does not offer the runtime; when ONNX Runtime is not installed.

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
        self.export = read_export(folder)
        self.name = _choice(folder, name, list(self.export.runtimes))
        entry = self.export.runtimes[self.name]
        self.calibration: Calibration | None = entry.calibration
        file = check_file(folder, self.export, entry.file)
        self.uncertainty: Uncertainty | None
        self.uncertainty, self.no_uncertainty = find_uncertainty(file, self.export.task)
        preprocessing = self.export.preprocessing
        mask = None
        if preprocessing.mask:
            mask = BrainMask(check_file(folder, self.export, BRAIN_MASK), preprocessing.mask_margin, threads)
        self.squares = Squares(preprocessing, mask, threads)
        self.classifier = Classifier(file, self.export.mirrored if mirrored is None else mirrored, threads)

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
            [each.reason for each in squares],
            [each.kind for each in squares],
            [each.box for each in squares],
            features,
            _spread(known, maps) if maps else None,
            distances,
        )


def _choice(folder: Path | str, name: str, offered: Sequence[str]) -> str:
    if name == AUTO:
        name = INT8 if INT8 in offered else FP32
    if name not in CLASSIFIERS:
        raise InputError(f"the runtime must be one of {', '.join((AUTO, *CLASSIFIERS))}, got {name!r}")
    if name not in offered:
        remedy = f"use {' or '.join(offered)}, or export with --dataset_dir"
        raise InputError(f"does not offer the runtime {name}", remedy, folder)
    return name


def _spread(known: np.ndarray, parts: Sequence[np.ndarray], width: int = 0) -> np.ndarray:
    """Return the values of the known slices in their places among all, NaN elsewhere, [N, ...] float32."""
    values = np.concatenate(parts) if parts else np.zeros((0, width), np.float32)
    result = np.full((len(known), *values.shape[1:]), np.nan, np.float32)
    result[known] = values
    return result
