"""Overlays of slices that are chosen from a dataset."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from bundle.engines import unit_range
from bundle.explain.gradcam import gradcam
from bundle.explain.slice_overlay import slice_overlay


def explain_slices(
    network: nn.Module,
    dataset: Dataset,
    rows: Sequence[Mapping[str, Any]],
    indices: Sequence[int],
    classes: Sequence[int],
    layer: str,
) -> list[np.ndarray]:
    """Return chosen slices as they were read, each with the Grad-CAM map of its class over it.

    Args:
        network: the classifier.
        dataset: gives the samples that the network sees, with "image", "box_start" and "box_end".
        rows: the rows that the samples are made of.
        indices: which samples.
        classes: index of the class to explain, one a chosen sample.
        layer: name of the network's module that is looked at.

    Returns:
        [H, W, 3] uint8 each, in the geometry of its file.

    Raises:
        ValueError: see `bundle.explain.gradcam`.
        InputError: when a file cannot be read.
    """
    samples = [dataset[index] for index in indices]
    images = unit_range(torch.stack([sample["image"] for sample in samples]))
    heat = gradcam(network, images, classes, layer)
    return [
        slice_overlay(rows[index], one, sample["box_start"].tolist(), sample["box_end"].tolist())
        for index, one, sample in zip(indices, heat, samples, strict=True)
    ]
