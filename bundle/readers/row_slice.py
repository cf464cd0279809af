"""A slice as its file has it."""

from collections.abc import Mapping
from typing import Any

from monai.data import MetaTensor
from monai.transforms import LoadImage

from bundle.readers.head_image import HeadImageReader
from bundle.readers.take_slice import take_slice


def slice_loader() -> LoadImage:
    """Return what reads images for `read_slice`; it keeps the last volume, see `HeadImageReader`."""
    return LoadImage(reader=HeadImageReader, image_only=True)


def read_slice(row: Mapping[str, Any], load: LoadImage | None = None) -> MetaTensor:
    """Return the slice that a row's "image" (a path) and "slice" name, as read: [H, W].

    Args:
        row: of the slice.
        load: a `slice_loader`, for slices of one volume after each other, which is then read once.

    Raises:
        InputError: when it cannot be read.
    """
    image = (load or slice_loader())(row["image"])
    return image if image.ndim == 2 else take_slice(image, row.get("slice"), row["image"])
