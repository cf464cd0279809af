"""The mask that masks nothing."""

from collections.abc import Hashable, Mapping

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform


class WholeImageMaskd(MapTransform):
    """Add a mask of ones, so that what follows is the same chain with and without brain masking."""

    def __init__(self, keys: KeysCollection, mask_key: str = "brain_mask", allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        self.mask_key = mask_key

    def __call__(self, data: Mapping[Hashable, MetaTensor]) -> dict[Hashable, MetaTensor]:
        """Return a copy of `data` with a uint8 mask of the image's shape [1, H, W] at the mask key."""
        result = dict(data)
        for key in self.key_iterator(result):
            image = result[key]
            result[self.mask_key] = MetaTensor(torch.ones(image.shape, dtype=torch.uint8), meta=image.meta)
        return result
