"""The overlay of one slice, in the geometry of its file."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundle.explain.overlay import display_grey, overlay
from bundle.explain.restore import restore
from bundle.readers import read_slice


def slice_overlay(
    row: Mapping[str, Any], heat: np.ndarray, box_start: Sequence[int], box_end: Sequence[int]
) -> np.ndarray:
    """Return the slice of a row with the heat map over it, [H, W, 3] uint8.

    Args:
        row: names the file, see `bundle.readers.read_slice`.
        heat: [S, S] in [0, 1] over the network's input.
        box_start: first row and column of the crop that became the network's input.
        box_end: row and column after the last one.
    """
    image = read_slice(row)
    return overlay(display_grey(image), restore(heat, box_start, box_end, image.shape))
