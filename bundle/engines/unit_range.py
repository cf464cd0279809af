"""From bytes, in which samples are cached and travel, to the network's [0, 1]."""

from collections.abc import Sequence
from typing import Any

import torch
from monai.engines import PrepareBatchExtraInput


def unit_range(images: torch.Tensor) -> torch.Tensor:
    """Return 8-bit grey levels as float32 in [0, 1]; an image that is floating point already is left as it is."""
    return images.float().div_(255) if images.dtype == torch.uint8 else images


class PrepareUnitRange(PrepareBatchExtraInput):
    """MONAI's `PrepareBatchExtraInput`, which also brings bytes to [0, 1], on the device.

    Of a batch of bytes a quarter as much travels from the loader's workers to the device as of one of float32, which
    is what limits a training from the cache (``benchmarks/preprocessing.py``).

    Args:
        extra_keys: keys of a batch that the network takes after the image, such as ``clinical``; a dict for those that
            it takes by name.
    """

    def __init__(self, extra_keys: str | Sequence[str] | dict[str, str] = ()) -> None:
        super().__init__(extra_keys)

    def __call__(
        self,
        batchdata: dict[str, torch.Tensor],
        device: str | torch.device | None = None,
        non_blocking: bool = False,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, torch.Tensor, tuple, dict]:
        """Return image [B, C, H, W] float32 in [0, 1], label [B, 6], and the extra inputs, on the device."""
        image, *others = super().__call__(batchdata, device, non_blocking, **kwargs)
        return unit_range(image), *others  # type: ignore[return-value]
