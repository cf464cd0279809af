"""A slice as its file has it."""

from collections.abc import Mapping
from typing import Any

from monai.data import MetaTensor
from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged

from bundle.readers import HeadImageReader
from bundle.transforms.select_slice import SelectSliced


def read_slice(row: Mapping[str, Any]) -> MetaTensor:
    """Return the slice that a row's "image" (a path) and "slice" name, as read: [H, W].

    Raises:
        InputError: when it cannot be read.
    """
    load = Compose(
        [
            LoadImaged("image", reader=HeadImageReader, image_only=True),
            EnsureChannelFirstd("image"),
            SelectSliced("image"),
        ]
    )
    return load(dict(row))["image"][0]
