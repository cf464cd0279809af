"""An exported classifier in the place of a network of PyTorch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from bundle.errors import InputError
from bundle.runtime import AUTO, open_classifier


class ExportedNetwork(nn.Module):
    """A classifier that ONNX Runtime computes, on the CPU; its logits are calibrated.

    Args:
        folder: as ``python -m scripts.export`` wrote it.
        runtime: see `bundle.runtime.open_classifier`.
        task: of the config, which must be that of the export.
        image_size: likewise, as the next four, with which its uncertainty and calibrations of heads were fitted.
        windows: see there.
        mask: see there.
        mirrored: see there.
        slice_smoothing: see there.

    Raises:
        InputError: when one of them is another in the export than in the config; see also `open_classifier`.

    Attributes:
        runtime: which it is, a key of `bundle.runtime.export_file.CLASSIFIERS`.
        file: the ONNX file, beside which its uncertainty lies.
        penultimate: the module through which the penultimate features go, see
            `bundle.networks.penultimate.PenultimateFeatures`.
    """

    def __init__(
        self,
        folder: Path | str,
        task: str,
        image_size: int,
        windows: Sequence[Sequence[float]],
        mask: bool,
        mirrored: bool,
        slice_smoothing: float,
        runtime: str = AUTO,
    ) -> None:
        super().__init__()
        self._opened = open_classifier(folder, runtime, mirrored=False)
        self.file, self.runtime = self._opened.file, self._opened.name
        self.penultimate = nn.Identity()
        export = self._opened.export
        _same("task", export.task, task, folder)
        _same("image_size", export.preprocessing.image_size, image_size, folder)
        _same("windows", _floats(export.preprocessing.windows), _floats(windows), folder)
        _same("mask", export.preprocessing.mask, mask, folder)
        _same("mirrored", export.mirrored, mirrored, folder)
        _same("slice_smoothing", export.slice_smoothing, slice_smoothing, folder)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the calibrated logits [B, C] of images [B, C, S, S] in [0, 1]."""
        outputs = self._opened.classifier(images.numpy(force=True))
        self.penultimate(torch.from_numpy(outputs.features))
        logits = outputs.logits
        if (calibration := self._opened.calibration) is not None:
            logits = logits / np.float32(calibration.temperature)
            logits[:, 0] += calibration.shift
        return torch.from_numpy(logits).to(images.device)

    def evidence_map(self, images: torch.Tensor) -> torch.Tensor:
        """Return the map of evidence of images, [B, 1, h, w].

        Raises:
            InputError: when the network draws none.
        """
        evidence = self._opened.classifier(images.numpy(force=True)).evidence
        if evidence is None:
            raise InputError("has a classifier that draws no map of evidence", "set overlays to 0", self.file.parent)
        return torch.from_numpy(evidence)[:, None]


def _floats(windows: Sequence[Sequence[float]]) -> list[list[float]]:
    return [[float(value) for value in window] for window in windows]


def _same(name: str, exported: object, given: object, folder: Path | str) -> None:
    if exported != given:
        remedy = f"give --{name} of the export, or another export_dir"
        raise InputError(f"was exported with {name} {exported}, and the config says {given}", remedy, folder)
