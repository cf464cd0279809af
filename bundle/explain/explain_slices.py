"""Overlays of slices that are chosen from a dataset."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from bundle.engines import unit_range
from bundle.explain.heat_maps import heat_maps
from bundle.explain.slice_overlay import slice_overlay

EXTRA = ("clinical",)
"""Keys of a sample that the network takes beside the image."""


def explain_slices(
    network: nn.Module,
    dataset: Dataset,
    rows: Sequence[Mapping[str, Any]],
    indices: Sequence[int],
    classes: Sequence[int],
    layer: str,
    method: str = "gradcam",
) -> list[np.ndarray]:
    """Return chosen slices as they were read, each with the heat map of its class over it.

    Args:
        network: the classifier.
        dataset: gives the samples that the network sees, with "image", "box_start" and "box_end".
        rows: the rows that the samples are made of.
        indices: which samples.
        classes: index of the class to explain, one a chosen sample.
        layer: name of the network's module that is looked at.
        method: see `bundle.explain.heat_maps`.

    Returns:
        [H, W, 3] uint8 each, in the geometry of its file.

    Raises:
        ValueError: see `bundle.explain.heat_maps`.
        InputError: when a file cannot be read.
    """
    samples = [dataset[index] for index in indices]
    heat = explain_samples(network, samples, classes, layer, method)
    return [
        slice_overlay(rows[index], one, sample["box_start"].tolist(), sample["box_end"].tolist())
        for index, one, sample in zip(indices, heat, samples, strict=True)
    ]


def explain_samples(
    network: nn.Module,
    samples: Sequence[Mapping[str, Any]],
    classes: Sequence[int],
    layer: str,
    method: str = "gradcam",
) -> np.ndarray:
    """Return the heat maps [N, S, S] of samples as a dataset gives them, over the network's input.

    Args:
        network: the classifier.
        samples: with "image" [C, S, S], bytes or float32 in [0, 1], and what of `EXTRA` the network takes.
        classes: index of the class to explain, one a sample.
        layer: see `bundle.explain.heat_maps`.
        method: see `bundle.explain.heat_maps`.
    """
    images = unit_range(torch.stack([torch.as_tensor(sample["image"]) for sample in samples]))
    extra = extra_inputs(samples)
    return heat_maps(network, images, classes, layer, method, extra)


def extra_inputs(samples: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    """Return what of `EXTRA` is in the samples, by the name of the network's argument, [N, ...] each."""
    return {key: torch.stack([torch.as_tensor(each[key]) for each in samples]) for key in EXTRA if key in samples[0]}
