"""The pixels of a mask, each of which has to be one of the values that mean something."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.readers import read_slice
from bundle.readers.formats import Format, image_format
from bundle.readers.raster import read_raster_mask
from bundle.readers.shape import read_shape


def read_mask_pixels(row: Mapping[str, Any], values: Mapping[int, str]) -> np.ndarray:
    """Return the value of each pixel of a row's mask, [H, W], in the geometry of its file.

    Args:
        row: with "mask" (a path) and "slice" where that is a volume.
        values: what the mask's values mean, see `bundle.datalist.mask_values`; without, pixels are as stored.

    Raises:
        InputError: when the mask cannot be read, or as `nearest_values`.
    """
    file = Path(row["mask"]).expanduser()
    picture = image_format(file) is Format.RASTER and file.is_file()
    pixels = read_raster_mask(file) if picture else read_slice({**row, "image": row["mask"]}).pixels
    return nearest_values(pixels, values, file)


def nearest_values(pixels: np.ndarray, values: Mapping[int, str], file: Path) -> np.ndarray:
    """Return for each pixel the nearest of 0 and the named values, or the pixels where no value is named.

    Args:
        pixels: [H, W].
        values: as above.
        file: the mask, to be named.

    Raises:
        InputError: when there are several values, and a pixel is further from each of them than half of the smallest
            step between two: another palette or scale, in which the nearest value is a wrong one.
    """
    if not values:
        return pixels
    known = np.array(sorted({0, *values}))
    distances = np.abs(pixels[..., None] - known)
    nearest = distances.argmin(axis=-1)
    strange = distances.min(axis=-1) > np.diff(known).min() / 2
    if len(values) > 1 and strange.any():
        raise InputError(
            f"has the value {pixels[strange].max():g}, and named are {', '.join(map(str, sorted(values)))}",
            "save the mask with these values as PNG, or correct the datalist's mask_values",
            file,
        )
    return known[nearest]


def read_mask_shape(path: Path, values: Mapping[int, str]) -> list[int]:
    """Return the shape of a mask as `bundle.readers.shape.read_shape`, after a check of a picture's values.

    Raises:
        InputError: as `read_mask_pixels`.
    """
    if not path.is_file() or image_format(path) is not Format.RASTER:
        return read_shape(path)
    return list(nearest_values(read_raster_mask(path), values, path).shape)
