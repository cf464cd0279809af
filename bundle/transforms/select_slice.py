"""One slice of a volume."""

from collections.abc import Hashable, Mapping
from typing import Any

from monai.config import KeysCollection
from monai.transforms import MapTransform

from bundle.readers.take_slice import take_slice


class SelectSliced(MapTransform):
    """Take the slice that a row names out of a volume, [C, H, W, D] → [C, H, W]; leave an image of one slice as it is.

    Args:
        keys: keys of the images.
        slice_key: key of the row's index along the last axis; a row without it must hold an image of one slice.

    Raises:
        InputError: when a volume's row names no slice, or one outside the volume.

    Example:
        >>> import torch
        >>> from monai.data import MetaTensor
        >>> volume = MetaTensor(torch.zeros(1, 512, 512, 30))
        >>> SelectSliced("image")({"image": volume, "slice": 12})["image"].shape
        torch.Size([1, 512, 512])
    """

    def __init__(self, keys: KeysCollection, slice_key: str = "slice", allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        self.slice_key = slice_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of `data` with images of one slice at the keys."""
        result = dict(data)
        for key in self.key_iterator(result):
            image = result[key]
            if image.ndim > 3:
                name = image.meta.get("filename_or_obj", key)
                result[key] = take_slice(image, data.get(self.slice_key), name, self.slice_key)
        return result
