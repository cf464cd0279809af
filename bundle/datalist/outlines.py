"""The outlined bleeds of a slice, from the mask file that its row names."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundle.datalist import BRAIN
from bundle.datalist.mask_pixels import read_mask_pixels
from bundle.errors import InputError
from bundle.labels import ANY


def read_outlines(row: Mapping[str, Any], values: Mapping[int, str]) -> dict[str, np.ndarray]:
    """Return the outline of each kind of bleed that a row's mask holds, [H, W] bool, in the geometry of its file.

    Args:
        row: with "mask" (a path) and "slice" where that is a volume.
        values: what the mask's values mean, see `bundle.datalist.mask_values`.

    Returns:
        A subtype, or `ANY` for a bleed of unknown kind, → where it is; kinds without a pixel are left out.

    Raises:
        InputError: when the mask cannot be read, or has a value that is near none of several.
    """
    pixels = read_mask_pixels(row, values)
    if not values:
        found = {ANY: pixels != 0}
    else:
        found = {name: pixels == value for value, name in values.items() if name != BRAIN}
    return {name: outline for name, outline in found.items() if outline.any()}


def any_bleed(outlines: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return where an outline of any kind is, [H, W] bool, of `read_outlines` that are not empty.

    Example:
        >>> any_bleed({"subdural": np.array([[True, False]]), "epidural": np.array([[False, False]])})
        array([[ True, False]])
    """
    return np.logical_or.reduce(list(outlines.values()))


def lesion_of(outlines: Mapping[str, np.ndarray], kind: str, shape: Sequence[int], mask: str) -> np.ndarray:
    """Return where a bleed of `kind` is, [H, W] bool; where no outline says the kind, where any bleed is.

    Args:
        outlines: see `read_outlines`; not empty.
        kind: a subtype, or another class for any bleed.
        shape: rows and columns of the slice.
        mask: the file, to be named.

    Raises:
        InputError: when the outlines are of another shape.

    Example:
        >>> outlines = {"subdural": np.array([[True, False]]), "epidural": np.array([[False, True]])}
        >>> lesion_of(outlines, "subdural", shape=(1, 2), mask="mask.png")
        array([[ True, False]])
    """
    lesion = outlines[kind] if kind in outlines else any_bleed(outlines)
    if lesion.shape != tuple(shape):
        raise InputError(
            f"has {' × '.join(map(str, lesion.shape))} pixels, its image {' × '.join(map(str, shape))}",
            "resample the mask to the image, or remove it from the datalist",
            mask,
        )
    return lesion
