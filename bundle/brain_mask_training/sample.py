"""The training samples of the mask network: small slices in HU with their brain masks."""

from typing import TypedDict

import numpy as np
import torch
from scipy import ndimage
from skimage.morphology import disk
from skimage.transform import resize

from bundle.intensity import Intensity

SAMPLE_SIZE = 160
_AIR, _FAT, _BONE, _BRIGHTEST = -1000.0, -100.0, 700.0, 2000.0
_BRAIN_WIDTH = 80.0


class Sample(TypedDict):
    """One slice: `image` int16 in HU and `label`, its brain mask, uint8, both [1, SAMPLE_SIZE, SAMPLE_SIZE].

    The mask is `certain` when it is known, and not when a teacher made it that may be mistaken.
    """

    image: torch.Tensor
    label: torch.Tensor
    certain: bool


def make_sample(image: np.ndarray, mask: np.ndarray, intensity: Intensity, certain: bool) -> Sample:
    """Return the sample of a slice [H, W] and its mask [H, W]; the slice is padded with air to a square."""
    side = max(image.shape)
    padding = [((side - length) // 2, side - length - (side - length) // 2) for length in image.shape]
    if intensity == Intensity.HU:
        square = np.pad(image.clip(_AIR, _BRIGHTEST), padding, constant_values=_AIR)
        small = resize(square, (SAMPLE_SIZE, SAMPLE_SIZE), order=1, anti_aliasing=True)
    else:
        small = _estimate_hu(resize(np.pad(image, padding), (SAMPLE_SIZE, SAMPLE_SIZE), order=1, anti_aliasing=True))
    brain = resize(np.pad(mask, padding).astype(np.float32), small.shape, order=1, anti_aliasing=True) > 0.5
    return Sample(
        image=torch.from_numpy(small[None].round().astype(np.int16)),
        label=torch.from_numpy(brain[None].astype(np.uint8)),
        certain=certain,
    )


def _estimate_hu(grey: np.ndarray) -> np.ndarray:
    """Return HU of a slice in grey levels of a brain window; white is bone, thin black in the head fat, other air."""
    image = grey / 255 * _BRAIN_WIDTH
    image[grey > 250] = _BONE
    black = grey < 2
    margin = 8
    head = ndimage.binary_closing(np.pad(~black, margin), disk(6))[margin:-margin, margin:-margin]
    image[black] = _AIR
    image[black & ndimage.binary_fill_holes(head) & ~ndimage.binary_opening(black, disk(3))] = _FAT
    return image
