"""One slice of a volume."""

from collections.abc import Hashable, Mapping
from typing import Any

from monai.config import KeysCollection
from monai.transforms import MapTransform

from bundle.errors import InputError


class SelectSliced(MapTransform):
    """Take the slice that a row names out of a volume, [C, H, W, D] → [C, H, W]; leave an image of one slice as it is.

    Args:
        keys: keys of the images.
        slice_key: key of the row's index along the last axis; a row without it must hold an image of one slice.

    Raises:
        InputError: when a volume's row names no slice, or one outside the volume.
    """

    def __init__(self, keys: KeysCollection, slice_key: str = "slice", allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        self.slice_key = slice_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of `data` with images of one slice at the keys."""
        result = dict(data)
        for key in self.key_iterator(result):
            image = result[key]
            if image.ndim == 3:
                continue
            depth, index = image.shape[-1], data.get(self.slice_key)
            name = image.meta.get("filename_or_obj", key)
            if index is None and depth > 1:
                raise InputError(f"{name} is a volume of {depth} slices; give the row a {self.slice_key!r}")
            index = int(index or 0)
            if not 0 <= index < depth:
                raise InputError(f"{name} has the slices 0 to {depth - 1}, not {index}; correct the row's slice")
            result[key] = image[..., index]
        return result
