"""From bytes, in which samples are cached and travel, to the network's [0, 1]."""

from typing import Any

import torch
from monai.engines import PrepareBatch, default_prepare_batch


def unit_range(images: torch.Tensor) -> torch.Tensor:
    """Return 8-bit grey levels as float32 in [0, 1]; an image that is floating point already is left as it is."""
    return images.float().div_(255) if images.dtype == torch.uint8 else images


class PrepareUnitRange(PrepareBatch):
    """MONAI's `default_prepare_batch`, which also brings bytes to [0, 1], on the device.

    Of a batch of bytes a quarter as much travels from the loader's workers to the device as of one of float32, which
    is what limits a training from the cache (``benchmarks/preprocessing.py``).
    """

    def __call__(
        self,
        batchdata: dict[str, torch.Tensor],
        device: str | torch.device | None = None,
        non_blocking: bool = False,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return image [B, C, H, W] float32 in [0, 1] and label [B, 6] of a batch, on the device."""
        image, label = default_prepare_batch(batchdata, device, non_blocking, **kwargs)
        return unit_range(image), label
