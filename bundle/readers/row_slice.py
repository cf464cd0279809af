"""A slice as its file has it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bundle.intensity import INTENSITY, Intensity
from bundle.readers.head_files import HeadFiles
from bundle.readers.take_slice import take_slice


class SlicePixels(NamedTuple):
    """A slice as it was read, in the orientation that `bundle.readers` states."""

    pixels: np.ndarray
    """[H, W] float32."""
    intensity: Intensity
    """Unit of the pixels."""
    affine: np.ndarray
    """[4, 4] float64, (row, column, slice) → RAS mm."""


def read_slice(row: Mapping[str, Any], files: HeadFiles | None = None) -> SlicePixels:
    """Return the slice that a row's "image" (a path) and "slice" name.

    Args:
        row: of the slice.
        files: a reader, for slices of one volume after each other, which is then read once.

    Raises:
        InputError: when it cannot be read.
    """
    image, meta = (files or HeadFiles()).read([Path(row["image"]).expanduser()])
    if image.ndim > 2:
        image = take_slice(image, row.get("slice"), row["image"])
    return SlicePixels(image, Intensity(meta[INTENSITY]), meta["affine"])
