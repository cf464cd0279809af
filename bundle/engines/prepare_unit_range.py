"""Batches of bytes made ready for the network."""

from collections.abc import Sequence
from typing import Any

import torch
from monai.engines import PrepareBatch, PrepareBatchExtraInput

from bundle.transforms import unit_range


class PrepareUnitRange(PrepareBatch):
    """MONAI's `PrepareBatchExtraInput`, which also brings bytes to [0, 1], on the device.

    Of a batch of bytes a quarter as much travels from the loader's workers to the device as of one of float32, which
    is what limits a training from the cache (``benchmarks/preprocessing.py``).

    Args:
        extra_keys: keys of a batch that the network takes after the image; a dict for those that it takes by name. One
            that the batch has not, or that is empty, as ``clinical`` [B, 0] where no feature is named, is left out.
    """

    def __init__(self, extra_keys: Sequence[str] | dict[str, str] = ("clinical",)) -> None:
        self.extra_keys = extra_keys

    def __call__(
        self,
        batchdata: dict[str, torch.Tensor],
        device: str | torch.device | None = None,
        non_blocking: bool = False,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, torch.Tensor, tuple, dict]:
        """Return image [B, C, H, W] float32 in [0, 1], label [B, 6], and the extra inputs, on the device."""
        keys: list[str] | dict[str, str]
        if isinstance(self.extra_keys, dict):
            keys = {name: key for name, key in self.extra_keys.items() if _is_given(key, batchdata)}
        else:
            keys = [key for key in self.extra_keys if _is_given(key, batchdata)]
        image, *others = PrepareBatchExtraInput(keys)(batchdata, device, non_blocking, **kwargs)
        return unit_range(image), *others  # type: ignore[return-value]


def _is_given(key: str, batch: dict[str, torch.Tensor]) -> bool:
    return key in batch and batch[key].numel() > 0
