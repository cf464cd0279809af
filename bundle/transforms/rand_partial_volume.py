"""Random blur, and a mask that knows what blur means."""

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.networks.layers import GaussianFilter
from monai.transforms import MapTransform, RandomizableTransform


class RandPartialVolumed(RandomizableTransform, MapTransform):
    """Blur images as thick slices and averaged scans are, before any window cuts off how bright bone is.

    A blurred pixel mixes tissues. It belongs to the mask when a quarter of it does: a mask that must not cut off a
    bleed at the bone takes in what may be one.

    Args:
        keys: keys of images [1, H, W].
        mask_key: key of a mask [1, H, W]; 1 where at least `share` of the blurred pixel is.
        prob: probability of a blur.
        sigma: greatest standard deviation of the Gaussian in pixels.
        share: of a pixel.
    """

    def __init__(
        self,
        keys: KeysCollection,
        mask_key: str = "label",
        prob: float = 0.5,
        sigma: float = 3.0,
        share: float = 0.25,
        allow_missing_keys: bool = False,
    ) -> None:
        MapTransform.__init__(self, keys, allow_missing_keys)
        RandomizableTransform.__init__(self, prob)
        self.mask_key, self.greatest, self.share = mask_key, sigma, share
        self.sigma = 0.0

    def randomize(self, data: Any = None) -> None:
        """Draw whether to blur, and how much."""
        super().randomize(data)
        self.sigma = self.R.uniform(0, self.greatest)

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Return a copy of `data`, the images blurred and the mask with them, or as it was."""
        self.randomize()
        result = dict(data)
        if not self._do_transform or self.sigma < 0.2:
            return result
        blur = GaussianFilter(2, self.sigma)
        for key in self.key_iterator(result):
            result[key] = blur(torch.as_tensor(result[key]).float()[None])[0]
        mask = torch.as_tensor(result[self.mask_key])
        result[self.mask_key] = (blur(mask.float()[None])[0] >= self.share).to(mask.dtype)
        return result
