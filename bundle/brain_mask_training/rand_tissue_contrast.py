"""Images of any contrast from tissue classes.

The idea of SynthSeg (Billot et al., Medical Image Analysis 2023, https://doi.org/10.1016/j.media.2023.102789): a
network that sees each tissue in a random grey learns shapes, and copes with MR without ever having seen one.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, Randomizable
from scipy import ndimage

TISSUES = ("air", "fat", "soft tissue", "spongy bone", "dense bone", "fluid", "white matter", "grey matter", "blood")
_EDGE = 0.4
AIR, FAT, SOFT, SPONGY, DENSE, FLUID, WHITE, GREY, BLOOD = range(len(TISSUES))


def tissue_classes(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the tissue of each pixel, an index of `TISSUES`, of a CT slice in HU [H, W] with its brain mask [H, W]."""
    mask = mask.astype(bool)
    classes = np.digitize(image, (-250, -20, 100, 500))
    if mask.any():
        smooth = ndimage.gaussian_filter(image, 0.7)
        middle = float(np.median(smooth[mask]))
        inside = np.digitize(smooth, (middle - 12, middle, middle + 22)) + FLUID
        classes = np.where(mask, inside, classes)
    return classes


class RandTissueContrastd(Randomizable, MapTransform):
    """Paint each tissue of a CT slice in HU in a random grey, with texture and a fluid rim.

    Args:
        keys: keys of images [1, H, W] in HU; they become float32 in about [0, 1].
        mask_key: key of the brain mask [1, H, W].
    """

    def __init__(self, keys: KeysCollection, mask_key: str = "label", allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        self.mask_key = mask_key
        self.greys = np.zeros(len(TISSUES))
        self.textures = np.zeros(len(TISSUES))
        self.rim = 0

    def randomize(self, data: Any = None) -> None:
        """Draw the grey and texture of each tissue and the rim's width."""
        self.greys = self.R.uniform(0, 1, len(TISSUES))
        self.textures = self.R.uniform(0, 0.06, len(TISSUES))
        if self.R.uniform() < 0.85:
            self.greys[AIR] = self.R.uniform(0, 0.1)
        if self.R.uniform() < 0.5:  # as in MR: bone without signal
            self.greys[[SPONGY, DENSE]] = self.R.uniform(0, 0.3, 2)
        if self.R.uniform() < 0.5:  # both matters alike, as most sequences show them
            self.greys[GREY] = np.clip(self.greys[WHITE] + self.R.uniform(-0.25, 0.25), 0, 1)
        self.rim = self.R.randint(0, 3)

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Return a copy of `data` with the images painted."""
        self.randomize()
        result = dict(data)
        mask = np.asarray(result[self.mask_key])[0] > 0
        for key in self.key_iterator(result):
            classes = tissue_classes(np.asarray(result[key])[0], mask)
            if self.rim:
                near = ndimage.binary_dilation(mask, iterations=self.rim) & ~mask
                classes = np.where(near, FLUID, classes)
            noise = ndimage.gaussian_filter(self.R.standard_normal(classes.shape), 1) * 3
            painted = ndimage.gaussian_filter(self.greys[classes] + self.textures[classes] * noise, _EDGE)
            result[key] = torch.from_numpy(painted[None].astype(np.float32))
        return result
