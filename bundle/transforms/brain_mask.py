"""Brain mask of any slice by a small U-Net.

Extra-axial bleeds lie against the bone: zero an image with a mask that has a margin. A mask that cannot be a brain's is
replaced by the whole image, so that masking never hides a slice.
"""

from collections.abc import Hashable, Mapping
from pathlib import Path

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform, Transform
from scipy import ndimage
from torch import nn
from torch.nn import functional as F

from bundle.errors import InputError
from bundle.intensity import INTENSITY, Intensity
from bundle.networks.pretrained import read_weights
from bundle.transforms.window import normalise, window_hu

INPUT_SIZE = 128
LEVEL, WIDTH = 40.0, 160.0
"""Window in HU of the network's input: fat is black, bone white, and even a fresh bleed is neither."""
MIN_PART = 0.03
"""Parts smaller than this share of the largest are dropped; temporal lobes and cerebellum are separate low down."""
DARK = 0.05
MIN_OF_HEAD, MAX_OF_IMAGE, MIN_BRIGHT = 0.05, 0.9, 0.5
"""A mask is no brain's when it is a smaller share of all that is not dark, or a larger one of the image, or when less
of it is bright: a spinal canal, a whole image, or air."""


def mask_input(image: MetaTensor) -> torch.Tensor:
    """Return the grey levels that the mask network sees: [1, ...] in HU or any unit → float32 in [0, 1]."""
    intensity = Intensity(image.meta[INTENSITY])
    plain = image.as_tensor().float()
    return window_hu(plain, LEVEL, WIDTH) if intensity == Intensity.HU else normalise(plain, intensity)


def predict_masks(network: nn.Module, images: torch.Tensor, margin: float = 0.0) -> torch.Tensor:
    """Return the brain masks of a batch of slices.

    Args:
        network: a U-Net from [N, 1, S, S] to logits of the same shape, in evaluation mode.
        images: [N, 1, H, W] float32 in [0, 1], see `mask_input`.
        margin: width by which the mask grows, as a share of the image's longer side; with the usual field of view of
            about 240 mm, 0.0125 is 3 mm.

    Returns:
        [N, 1, H, W] uint8 on the device of `images`; all ones where the network found nothing that can be a brain.
    """
    probability = predict_probability(network, images)
    found = (probability > 0.5)[:, 0].numpy(force=True)
    bright = (images > DARK)[:, 0].numpy(force=True)
    radius = margin * max(images.shape[-2:])
    masks = [clean_mask(*pair, radius) for pair in zip(found, bright, strict=True)]
    return torch.from_numpy(np.stack(masks)[:, None].astype(np.uint8)).to(images.device)


def predict_probability(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return the probability of brain in each pixel, [N, 1, H, W] in [0, 1], for `images` of the same shape."""
    height, width = images.shape[-2:]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = F.pad(images, (left, side - width - left, top, side - height - top))
    small = F.interpolate(square, (INPUT_SIZE, INPUT_SIZE), mode="bilinear", antialias=True)
    device = next(network.parameters()).device
    with torch.inference_mode():
        probability = network(small.to(device)).sigmoid().to(images.device)
    probability = F.interpolate(probability, (side, side), mode="bicubic").clamp(0, 1)
    return probability[..., top : top + height, left : left + width]


def clean_mask(mask: np.ndarray, bright: np.ndarray, radius: float) -> np.ndarray:
    """Return a mask [H, W] without crumbs and holes, grown by `radius` pixels; all True when it cannot be a brain's.

    Args:
        mask: [H, W] bool as thresholded.
        bright: [H, W] bool, where the image is not dark.
        radius: pixels by which the mask grows.
    """
    parts, _ = ndimage.label(mask)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    mask = ndimage.binary_fill_holes((sizes >= max(1, MIN_PART * sizes.max()))[parts])
    area = np.count_nonzero(mask)
    least = max(1, MIN_OF_HEAD * np.count_nonzero(bright))
    if not least <= area <= MAX_OF_IMAGE * mask.size or np.count_nonzero(mask & bright) < MIN_BRIGHT * area:
        return np.ones_like(mask)
    return ndimage.distance_transform_edt(~mask) <= radius if radius > 0 else mask


class BrainMask(Transform):
    """Predict the brain mask of a slice or of the slices of a volume.

    The weights are read at the first call, not before.

    Args:
        network: U-Net of one input and one output channel.
        weights: state dict of the network.
        margin: width by which the mask grows, as a share of the image's longer side, see `predict_masks`.

    Raises:
        ValueError: when the margin is negative.
    """

    def __init__(self, network: nn.Module, weights: Path | str, margin: float = 0.0) -> None:
        if margin < 0:
            raise ValueError(f"the margin of the brain mask must not be negative, got {margin}")
        self.network = network
        self.weights = Path(weights)
        self.margin = margin
        self._loaded = False

    def __call__(self, image: MetaTensor) -> MetaTensor:
        """Return the mask of `image`: uint8 of its shape, [1, H, W] or [1, H, W, D].

        Raises:
            InputError: when the weights file is missing, damaged or of another network.
        """
        if not self._loaded:
            load_mask_network(self.network, self.weights)
            self._loaded = True
        grey = mask_input(image)
        slices = grey[None] if grey.ndim == 3 else grey.movedim(-1, 0)
        masks = predict_masks(self.network, slices, self.margin)
        mask = masks[0] if grey.ndim == 3 else masks.movedim(0, -1).contiguous()
        return MetaTensor(mask, meta=image.meta, applied_operations=image.applied_operations)


class BrainMaskd(MapTransform):
    """Dictionary form of `BrainMask`: add the mask of the image at the mask key."""

    def __init__(
        self,
        keys: KeysCollection,
        network: nn.Module,
        weights: Path | str,
        margin: float = 0.0,
        mask_key: str = "brain_mask",
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.brain_mask = BrainMask(network, weights, margin)
        self.mask_key = mask_key

    def __call__(self, data: Mapping[Hashable, MetaTensor]) -> dict[Hashable, MetaTensor]:
        """Return a copy of `data` with the mask."""
        result = dict(data)
        for key in self.key_iterator(result):
            result[self.mask_key] = self.brain_mask(result[key])
        return result


def load_mask_network(network: nn.Module, weights: Path | str) -> None:
    """Load the weights of the mask network in place, and set it to evaluation mode.

    Raises:
        InputError: when the file is missing, damaged or of another network.
    """
    try:
        network.load_state_dict(read_weights(weights))
    except RuntimeError as error:
        raise InputError(f"{weights} holds the weights of another network than the brain mask's U-Net") from error
    network.eval()
