"""Painted bleeds between skull and brain, so that a mask network never takes one for bone."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, RandomizableTransform
from scipy import ndimage


class RandExtraAxialBleedd(RandomizableTransform, MapTransform):
    """Paint a lens of fresh blood along the border of the brain mask of a CT slice.

    At distance r along the bone from its middle, a lens of thickness t and half length l is t (1 - r²/l²) thick.

    Args:
        keys: keys of images [1, H, W] in HU; slices with an empty mask are left as they are.
        mask_key: key of the brain mask [1, H, W].
        prob: probability of a bleed.
        thickness: range in pixels.
        half_length: range in pixels.
        blood: range in HU.
    """

    def __init__(
        self,
        keys: KeysCollection,
        mask_key: str = "label",
        prob: float = 0.3,
        thickness: tuple[float, float] = (2.0, 12.0),
        half_length: tuple[float, float] = (8.0, 40.0),
        blood: tuple[float, float] = (50.0, 95.0),
        allow_missing_keys: bool = False,
    ) -> None:
        MapTransform.__init__(self, keys, allow_missing_keys)
        RandomizableTransform.__init__(self, prob)
        self.mask_key = mask_key
        self.ranges = (thickness, half_length, blood)
        self.place = self.thickness = self.half_length = self.blood = 0.0

    def randomize(self, data: Any = None) -> None:
        """Draw whether there is a bleed, where on the border, and its size and density."""
        super().randomize(data)
        self.place = self.R.uniform()
        self.thickness, self.half_length, self.blood = (self.R.uniform(*limits) for limits in self.ranges)

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Return a copy of `data`, with a bleed in the images or not."""
        self.randomize()
        result = dict(data)
        mask = np.asarray(result[self.mask_key])[0] > 0
        if not self._do_transform or not mask.any():
            return result
        depth = ndimage.distance_transform_edt(mask)
        border = np.argwhere(mask & (depth < 1.5))
        middle = border[int(self.place * len(border))]
        rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
        along = ((rows - middle[0]) ** 2 + (columns - middle[1]) ** 2) / self.half_length**2
        bleed = torch.from_numpy(mask & (depth <= self.thickness * (1 - along)))
        for key in self.key_iterator(result):
            result[key] = torch.where(bleed, self.blood, torch.as_tensor(result[key]))
        return result
