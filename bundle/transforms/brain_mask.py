"""Brain mask of any slice by a small U-Net.

Extra-axial bleeds lie against the bone: zero an image with a mask that has a margin. A mask that cannot be a brain's is
replaced by the whole image, so that masking never hides a slice.
"""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform, Transform
from torch import nn
from torch.nn import functional as F

from bundle.errors import InputError
from bundle.files.weights import read_weights
from bundle.intensity import INTENSITY, Intensity
from bundle.preprocessing import clean_mask, depth_inside, mask_grey, square_around
from bundle.preprocessing.brain import DARK, INPUT_SIZE

BATCH = 8
"""Slices that go through the network together; more no longer fit into a processor core's cache, and take longer."""


def mask_input(image: MetaTensor) -> torch.Tensor:
    """Return the grey levels that the mask network sees: [1, ...] in HU or any unit → float32 in [0, 1].

    Example:
        >>> mask_input(MetaTensor(torch.tensor([[[-90.0, 60.0, 210.0]]]), meta={INTENSITY: Intensity.HU})).tolist()
        [[[0.0, 0.5, 1.0]]]
    """
    return mask_grey(image.as_tensor().float(), Intensity(image.meta[INTENSITY]))


def predict_masks(network: nn.Module, images: Sequence[torch.Tensor], margin: float = 0.0) -> list[torch.Tensor]:
    """Return the brain masks of slices, which the network sees as one batch.

    Args:
        network: a U-Net from [N, 1, S, S] to logits of the same shape, in evaluation mode.
        images: [1, H, W] float32 in [0, 1] each, see `mask_input`; their sizes may differ.
        margin: width by which the masks grow, as a share of an image's longer side; with the usual field of view of
            about 240 mm, 0.0125 is 3 mm.

    Returns:
        [1, H, W] uint8 each, on the CPU; all ones where the network found nothing that can be a brain.
    """
    small = torch.stack([shrink(image) for image in images])
    probabilities = predict_probability(network, small)[:, 0].numpy(force=True)
    bright = (small > DARK)[:, 0].numpy(force=True)
    masks = []
    for image, probability, lit in zip(images, probabilities, bright, strict=True):
        mask = clean_mask(probability > 0.5, lit)
        depth = torch.from_numpy(depth_inside(mask, probability, margin * INPUT_SIZE))
        masks.append(_enlarge(depth, image.shape[-2:]))
    return masks


def shrink(image: torch.Tensor) -> torch.Tensor:
    """Return a slice [1, H, W] as the network sees it: padded with zeros to a square, [1, S, S].

    Example:
        >>> shrink(torch.zeros(1, 512, 400)).shape
        torch.Size([1, 128, 128])
    """
    height, width = image.shape[-2:]
    side, place = max(height, width), square_around(height, width)
    if height != width:
        image = F.pad(image, (place.left, side - width - place.left, place.top, side - height - place.top))
    return F.interpolate(image[None], (INPUT_SIZE, INPUT_SIZE), mode="bilinear", antialias=True)[0]


def predict_probability(network: nn.Module, small: torch.Tensor) -> torch.Tensor:
    """Return the probability of brain in each pixel, [N, 1, S, S] in [0, 1] on the CPU, see `shrink`."""
    device = next(network.parameters()).device
    with torch.inference_mode():
        return torch.cat([network(part.to(device)).sigmoid().cpu() for part in small.split(BATCH)])


def _enlarge(depth: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    side, place = max(shape), square_around(*shape)
    full = F.interpolate(depth[None, None], (side, side), mode="bilinear")[0]
    return (full[:, place.rows, place.columns] > 0).view(torch.uint8)


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

    def __getstate__(self) -> dict[str, Any]:
        """Return what defines the transform, for workers and caches: the weights are read anew where they are."""
        return {**self.__dict__, "_loaded": False}

    def __call__(self, image: MetaTensor) -> MetaTensor:
        """Return the mask of `image`: uint8 of its shape, [1, H, W] or [1, H, W, D].

        Raises:
            InputError: when the weights file is missing, damaged or of another network.
        """
        return self.batch([image])[0]

    def batch(self, images: Sequence[MetaTensor]) -> list[MetaTensor]:
        """Return the mask of each image; the network sees all their slices together.

        Raises:
            InputError: when the weights file is missing, damaged or of another network.
        """
        if not self._loaded:
            load_mask_network(self.network, self.weights)
            self._loaded = True
        slices = [_slices(mask_input(image)) for image in images]
        found = iter(predict_masks(self.network, [one for image in slices for one in image], self.margin))
        masks = []
        for image, parts in zip(images, slices, strict=True):
            mask = [next(found) for _ in parts]
            whole = mask[0] if image.ndim == 3 else torch.stack(mask, dim=-1)
            masks.append(MetaTensor(whole, meta=image.meta, applied_operations=image.applied_operations))
        return masks


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
        return self.batch([data])[0]

    def batch(self, samples: Sequence[Mapping[Hashable, MetaTensor]]) -> list[dict[Hashable, MetaTensor]]:
        """Return a copy of each sample with its mask, see `bundle.transforms.transform_batch`."""
        results = [dict(sample) for sample in samples]
        for key in self.key_iterator(results[0]):
            for result, mask in zip(results, self.brain_mask.batch([result[key] for result in results]), strict=True):
                result[self.mask_key] = mask
        return results


def _slices(image: torch.Tensor) -> Sequence[torch.Tensor]:
    return [image] if image.ndim == 3 else image.unbind(-1)


def load_mask_network(network: nn.Module, weights: Path | str) -> None:
    """Load the weights of the mask network in place, and set it to evaluation mode.

    Raises:
        InputError: when the file is missing, damaged or of another network.
    """
    try:
        network.load_state_dict(read_weights(weights))
    except RuntimeError as error:
        raise InputError("holds the weights of another network than the brain mask's U-Net", file=weights) from error
    network.eval()
