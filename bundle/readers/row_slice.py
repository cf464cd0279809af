"""A slice as its file has it."""

from collections.abc import Mapping
from typing import Any

from monai.data import MetaTensor
from monai.transforms import LoadImage

from bundle.readers.head_image import HeadImageReader
from bundle.readers.take_slice import take_slice


def read_slice(row: Mapping[str, Any]) -> MetaTensor:
    """Return the slice that a row's "image" (a path) and "slice" name, as read: [H, W].

    Raises:
        InputError: when it cannot be read.
    """
    image = LoadImage(reader=HeadImageReader, image_only=True)(row["image"])
    return image if image.ndim == 2 else take_slice(image, row.get("slice"), row["image"])
