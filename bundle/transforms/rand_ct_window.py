"""Random display windows, for a network that must cope with any."""

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.networks.layers import GaussianFilter
from monai.transforms import MapTransform, Randomizable

from bundle.transforms.window import window_hu


class RandCTWindowd(Randomizable, MapTransform):
    """Blur an image in HU at random, then map it to [0, 1] through a random window.

    The blur comes before the window, as that of a scanner does: it widens bone, which is far brighter than the window.

    Args:
        keys: keys of images [1, H, W] in HU.
        levels: range of the level in HU.
        widths: range of the width in HU, drawn evenly on a log scale.
        blur: greatest standard deviation of the Gaussian blur in pixels; half of the images get none.
    """

    def __init__(
        self,
        keys: KeysCollection,
        levels: tuple[float, float] = (20.0, 60.0),
        widths: tuple[float, float] = (60.0, 300.0),
        blur: float = 3.5,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.levels, self.widths, self.blur = levels, widths, blur
        self.level = self.width = self.sigma = 0.0

    def randomize(self, data: Any = None) -> None:
        """Draw level, width and blur."""
        self.level = self.R.uniform(*self.levels)
        self.width = self.widths[0] * (self.widths[1] / self.widths[0]) ** self.R.uniform()
        self.sigma = max(0.0, self.R.uniform(-self.blur, self.blur))

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Return a copy of `data` with the images in [0, 1]."""
        self.randomize()
        result = dict(data)
        for key in self.key_iterator(result):
            image = torch.as_tensor(result[key]).float()
            if self.sigma > 0.1:
                image = GaussianFilter(2, self.sigma)(image[None])[0]
            result[key] = window_hu(image, self.level, self.width)
        return result
