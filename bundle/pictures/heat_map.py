"""Where a network sees the evidence for a class in a slice, over the slice as it was read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from bundle.pictures.overlay import display_grey, overlay
from bundle.pictures.restore import restore
from bundle.preprocessing.resample import resize
from bundle.readers import SlicePixels, read_slice
from bundle.readers.head_files import HeadFiles

EVIDENCE = "evidence"
"""The method of maps that a classifier draws itself, of any bleed."""


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where the network sees the evidence for a class in a slice."""

    index: int
    """Of the slice among those that are explained."""
    class_index: int
    """Of the class that is explained."""
    heat: np.ndarray
    """[S, S] float32 in [0, 1] over the network's input, 1 at the strongest evidence, all 0 where there is none."""
    box: tuple[Sequence[int], Sequence[int]]
    """First row and column of what the network sees in the slice, and those after the last."""
    row: Mapping[str, Any]
    """The slice's row, which names its file."""
    files: HeadFiles
    """That read it."""

    def read(self) -> SlicePixels:
        """Return the slice as its file has it; for the errors see `bundle.readers.read_slice`."""
        return read_slice(self.row, self.files)

    def restored(self, values: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """Return a map [S, S] over the network's input in the geometry of the file, [H, W] float32.

        Args:
            values: the map.
            shape: H and W.
        """
        return restore(values, *self.box, shape)

    def over(self, seen: SlicePixels) -> np.ndarray:
        """Return the slice, as `read`, with the heat map over it, [H, W, 3] uint8."""
        return overlay(display_grey(seen.pixels, seen.intensity), self.restored(self.heat, seen.pixels.shape))


class Explainer(Protocol):
    """What explains slices: a network by its gradients, or the maps that an exported one gave with its answers."""

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """Of the slices."""

    @property
    def task(self) -> str:
        """A key of `bundle.labels.CLASSES`."""

    @property
    def method(self) -> str:
        """How the maps are made."""

    def explain(self, indices: Sequence[int], classes: Sequence[int]) -> Iterator[HeatMap]:
        """Yield the heat map of each of the slices.

        Args:
            indices: of the slices among the rows.
            classes: index of the class to explain, one a slice.

        Raises:
            InputError: when it cannot be made.
        """


def heat_of_evidence(evidence: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the heat maps of N maps of evidence that a classifier drew, [N, h, w] → [N, height, width] float32."""
    return scaled(np.stack([resize(each.astype(np.float32), height, width) for each in evidence]))


def scaled(heat: np.ndarray) -> np.ndarray:
    """Return maps [N, H, W] from 0 on, each with 1 at its peak; one that is 0 everywhere stays so.

    Example:
        >>> scaled(np.array([[[0.0, 2.0]], [[0.0, 0.0]]])).tolist()
        [[[0.0, 1.0]], [[0.0, 0.0]]]
    """
    peak = heat.max(axis=(1, 2), keepdims=True)
    return np.divide(heat, peak, out=np.zeros_like(heat), where=peak > 0)
