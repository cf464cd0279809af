"""Random display windows, for a network that must cope with any."""

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, Randomizable

from bundle.preprocessing import window_hu


class RandCTWindowd(Randomizable, MapTransform):
    """Map an image in HU to [0, 1] through a random window.

    Args:
        keys: keys of images [1, H, W] in HU.
        levels: range of the level in HU.
        widths: range of the width in HU, drawn evenly on a log scale.
    """

    def __init__(
        self,
        keys: KeysCollection,
        levels: tuple[float, float] = (20.0, 60.0),
        widths: tuple[float, float] = (60.0, 300.0),
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.levels, self.widths = levels, widths
        self.level = self.width = 0.0

    def randomize(self, data: Any = None) -> None:
        """Draw level and width."""
        self.level = self.R.uniform(*self.levels)
        self.width = self.widths[0] * (self.widths[1] / self.widths[0]) ** self.R.uniform()

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Return a copy of `data` with the images in [0, 1]."""
        self.randomize()
        result = dict(data)
        for key in self.key_iterator(result):
            result[key] = window_hu(torch.as_tensor(result[key]).float(), self.level, self.width)
        return result
