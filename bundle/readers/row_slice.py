"""A slice as its file has it."""

from collections.abc import Mapping
from typing import Any

from monai.data import MetaTensor
from monai.transforms import LoadImage

from bundle.errors import InputError
from bundle.readers.head_image import HeadImageReader


def read_slice(row: Mapping[str, Any]) -> MetaTensor:
    """Return the slice that a row's "image" (a path) and "slice" name, as read: [H, W].

    Raises:
        InputError: when it cannot be read.
    """
    image = LoadImage(reader=HeadImageReader, image_only=True)(row["image"])
    return image if image.ndim == 2 else take_slice(image, row.get("slice"), row["image"])


def take_slice(volume: MetaTensor, index: int | None, name: str, slice_key: str = "slice") -> MetaTensor:
    """Return a slice of a volume, [..., H, W, D] → [..., H, W].

    Args:
        volume: of D slices.
        index: of the slice; None for the one slice of a volume that has no other.
        name: of the file, for the sentence.
        slice_key: of the row's index, for the sentence.

    Raises:
        InputError: when no slice is named, or one outside the volume.
    """
    depth = volume.shape[-1]
    if index is None and depth > 1:
        raise InputError(f"is a volume of {depth} slices", f"give the row a {slice_key!r}", name)
    index = int(index or 0)
    if not 0 <= index < depth:
        raise InputError(f"has the slices 0 to {depth - 1}, not {index}", "correct the row's slice", name)
    return volume[..., index]  # type: ignore[return-value]
