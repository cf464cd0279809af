"""How far exported files in float32 are from PyTorch: parity, or no file."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from bundle.calibration import probabilities_of
from bundle.errors import InputError
from bundle.export.agreement import MAX_MASK_DIFFERENCE
from bundle.export.slices import Slices
from bundle.preprocessing import mask_grey
from bundle.readers import read_slice
from bundle.runtime.bounds import MAX_DIFFERENCE
from bundle.runtime.classifier import LOGITS
from bundle.runtime.session import open_session
from bundle.transforms import BrainMask, unit_range
from bundle.transforms.brain_mask import shrink

_REMEDY = "nothing was written; say with which versions of PyTorch and ONNX Runtime this happens"


def classifier_difference(network: nn.Module, onnx_file: Path, torchscript: Path, slices: Slices, task: str) -> float:
    """Return the largest difference of a probability from PyTorch's, of the two files.

    Raises:
        InputError: when it is above `MAX_DIFFERENCE`.
    """
    session, traced = open_session(onnx_file), torch.jit.load(str(torchscript))
    worst = 0.0
    for start in range(0, len(slices.images), 16):
        images = unit_range(torch.from_numpy(slices.images[start : start + 16]))
        with torch.inference_mode():
            expected = probabilities_of(network(images).numpy(), task)
            scripted = traced(images)[0].numpy()
        (logits,) = session.run([LOGITS], {session.get_inputs()[0].name: images.numpy()})
        worst = max(
            worst, *(float(np.abs(probabilities_of(each, task) - expected).max()) for each in (logits, scripted))
        )
    _check(worst, MAX_DIFFERENCE, "a probability of the classifier", len(slices.images))
    return worst


def mask_difference(brain_mask: BrainMask, onnx_file: Path, slices: Slices) -> float:
    """Return the largest difference of a logit of the brain mask from PyTorch's.

    Raises:
        InputError: when it is above `MAX_MASK_DIFFERENCE`, or an image cannot be read.
    """
    session = open_session(onnx_file)
    worst = 0.0
    for row in slices.rows:
        seen = read_slice(row)
        grey = mask_grey(torch.from_numpy(seen.pixels)[None], seen.intensity)
        small = shrink(grey)[None]
        with torch.inference_mode():
            expected = brain_mask.network(small).numpy()
        (logits,) = session.run(None, {session.get_inputs()[0].name: small.numpy()})
        worst = max(worst, float(np.abs(logits - expected).max()))
    _check(worst, MAX_MASK_DIFFERENCE, "a logit of the brain mask", len(slices.rows))
    return worst


def _check(worst: float, bound: float, what: str, count: int) -> None:
    if not worst <= bound:
        raise InputError(
            f"the exported files differ from PyTorch by {worst:.2g} in {what} on {count} slices, "
            f"and at most {bound:.0e} is allowed",
            _REMEDY,
        )
