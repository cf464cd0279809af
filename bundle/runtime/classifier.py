"""The exported classifier: squares of grey levels → logits, features and a map of evidence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bundle.calibration import apply_bias_corrected, probabilities_of
from bundle.parallel import available_cores
from bundle.preprocessing import mirrored_looks
from bundle.runtime.export_file import Calibration
from bundle.runtime.session import open_session

BATCH = 8
"""Images a run; the runs go on side by side, one on each core, which do not wait for each other after every layer."""
INPUT, LOGITS, FEATURES, EVIDENCE = "image", "logits", "features", "evidence"
"""Names in the ONNX file."""


class Outputs(NamedTuple):
    """What the classifier gives for N slices, float32."""

    logits: np.ndarray
    """[N, C]."""
    features: np.ndarray
    """[N, D], of the penultimate layer."""
    evidence: np.ndarray | None
    """[N, h, w], never negative, high where the evidence for a bleed is; None of a network that draws no such map."""


class Classifier:
    """An exported classifier.

    Args:
        path: classifier.onnx or classifier.int8.onnx.
        mirrored: whether the mean over each image and its mirror image, left for right, is given, as
            `bundle.engines.MirroredInferer` does.
        threads: how many runs go on at once; as many as there are cores when None.

    Raises:
        InputError: when the file cannot be loaded.

    Attributes:
        shape: channels, rows and columns of an image.
    """

    def __init__(self, path: Path | str, mirrored: bool, threads: int | None = None) -> None:
        self.mirrored = mirrored
        self._threads = threads or available_cores()
        self._session = open_session(path, threads=1)
        self.shape = tuple(self._session.get_inputs()[0].shape[1:])
        names = {output.name for output in self._session.get_outputs()}
        self._outputs = [name for name in (LOGITS, FEATURES, EVIDENCE) if name in names]

    def __call__(self, images: np.ndarray) -> Outputs:
        """Return the outputs for images, [N, C, S, S], uint8 or float32 in [0, 1]; N is at least 1."""
        return self._batched(self._run_mirrored, images, BATCH // 2) if self.mirrored else self.look(images)

    def look(self, images: np.ndarray) -> Outputs:
        """Return the outputs for the images alone, without their mirror images."""
        return self._batched(self._run, images, BATCH)

    def _batched(self, run: Callable[[np.ndarray], list[np.ndarray]], images: np.ndarray, size: int) -> Outputs:
        batches = [images[start : start + size] for start in range(0, len(images), size)]
        with ThreadPoolExecutor(self._threads) as pool:
            seen = list(pool.map(run, batches))
        logits, features, *evidence = (np.concatenate(each) for each in zip(*seen, strict=True))
        return Outputs(logits, features, evidence[0][:, 0] if evidence else None)

    def _run_mirrored(self, images: np.ndarray) -> list[np.ndarray]:
        logits, features, *evidence = self._run(np.concatenate(mirrored_looks(_in_unit_range(images))))
        halves = [np.split(each, 2) for each in (logits, features)]
        halves += [[seen, mirrored[..., ::-1]] for seen, mirrored in (np.split(each, 2) for each in evidence)]
        return [(seen + mirrored) / 2 for seen, mirrored in halves]

    def _run(self, images: np.ndarray) -> list[np.ndarray]:
        return self._session.run(self._outputs, {INPUT: np.ascontiguousarray(_in_unit_range(images))})


def _in_unit_range(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / np.float32(255) if images.dtype == np.uint8 else images


def probabilities(logits: np.ndarray, task: str, calibration: Calibration | None) -> np.ndarray:
    """Return the calibrated probabilities of logits, float64 [N, C] in the order of ``CLASSES[task]``.

    Args:
        logits: [N, C].
        task: a key of `bundle.labels.CLASSES`.
        calibration: of the runtime; None leaves them as they are.
    """
    plain = probabilities_of(logits, task)
    if calibration is None:
        return plain
    return apply_bias_corrected(plain, task, calibration.temperature, calibration.shift)
