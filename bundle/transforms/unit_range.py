"""From bytes, in which samples are cached and travel, to the network's [0, 1]."""

import torch


def unit_range(images: torch.Tensor) -> torch.Tensor:
    """Return 8-bit grey levels as float32 in [0, 1]; an image that is floating point already is left as it is.

    Example:
        >>> unit_range(torch.tensor([0, 51, 255], dtype=torch.uint8))
        tensor([0.0000, 0.2000, 1.0000])
    """
    return images.float().div_(255) if images.dtype == torch.uint8 else images
