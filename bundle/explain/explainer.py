"""Why a network gives slices the probabilities that it gives them: one object for a network and its samples."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from bundle.explain.heat_maps import heat_maps, require_explainable
from bundle.pictures import HeatMap
from bundle.readers.head_files import HeadFiles
from bundle.transforms import unit_range

EXTRA = ("clinical",)
"""Keys of a sample that the network takes beside the image."""
_BATCH = 32


@dataclass(frozen=True, eq=False)
class Explanation(HeatMap):
    """Where the network sees the evidence for a class in a slice, and the slice as the network sees it."""

    sample: Mapping[str, Any]
    """See `Explainer`."""

    @property
    def image(self) -> torch.Tensor:
        """What the network sees, [C, S, S] float32 in [0, 1]."""
        return unit_range(torch.as_tensor(self.sample["image"]))

    @property
    def extra(self) -> dict[str, torch.Tensor]:
        """Further inputs of the network by name, [1, ...] each."""
        return extra_inputs([self.sample])


class Explainer:
    """Explain slices of a dataset: which pixels are the evidence for a class.

    Args:
        network: the classifier.
        dataset: gives the samples that the network sees, with "image" [C, S, S], bytes or float32 in [0, 1],
            "box_start", "box_end" (see `bundle.transforms.CropToMaskd`), and what of `EXTRA` the network takes.
        rows: of the samples, in the order of the dataset.
        task: a key of `bundle.labels.CLASSES`.
        layer: name of the module whose activations are weighted, see `bundle.explain.heat_maps`.
        method: one of `bundle.explain.METHODS`.

    Raises:
        InputError: when the method is unknown or the network has no such layer, before hours of scoring.
    """

    def __init__(
        self,
        network: nn.Module,
        dataset: Dataset,
        rows: Sequence[Mapping[str, Any]],
        task: str,
        layer: str,
        method: str = "gradcam",
    ) -> None:
        require_explainable(network, layer, method)
        self.network = network
        self.dataset = dataset
        self.rows = rows
        self.task = task
        self.layer = layer
        self.method = method

    def explain(self, indices: Sequence[int], classes: Sequence[int]) -> Iterator[Explanation]:
        """Yield the explanation of each of the slices.

        Args:
            indices: of the slices in the dataset.
            classes: index of the class to explain, one a slice.

        Raises:
            InputError: when the network draws no map of evidence and one is asked for; when a file cannot be read.
        """
        files = HeadFiles()
        for start in range(0, len(indices), _BATCH):
            part, explained = (each[start : start + _BATCH] for each in (indices, classes))
            samples = [self.dataset[index] for index in part]
            images = unit_range(torch.stack([torch.as_tensor(sample["image"]) for sample in samples]))
            heat = heat_maps(self.network, images, explained, self.layer, self.method, extra_inputs(samples))
            for index, class_index, one, sample in zip(part, explained, heat, samples, strict=True):
                box = sample["box_start"].tolist(), sample["box_end"].tolist()
                yield Explanation(index, class_index, one, box, self.rows[index], files, sample)

    def overlays(self, indices: Sequence[int], classes: Sequence[int]) -> list[np.ndarray]:
        """Return the slices with their heat maps over them, [H, W, 3] uint8 each; for the rest see `explain`."""
        return [explanation.over(explanation.read()) for explanation in self.explain(indices, classes)]


def extra_inputs(samples: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    """Return what of `EXTRA` is in the samples and not empty, by the name of the network's argument, [N, ...] each."""
    given = [key for key in EXTRA if len(samples[0].get(key, ()))]
    return {key: torch.stack([torch.as_tensor(each[key]) for each in samples]) for key in given}
