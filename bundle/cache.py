"""Datasets whose deterministic preprocessing is done once."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from monai.data import CacheDataset, Dataset, PersistentDataset

from bundle.errors import InputError

MEMORY_LIMIT = 4 * 2**30
"""Bytes above which ``cache="auto"`` goes to the disk."""


class CachedDataset(Dataset):
    """A MONAI dataset of rows: deterministic preprocessing, cached, then augmentation, drawn anew each time.

    `CacheDataset` and `PersistentDataset` cut one chain at its first random transform, and would cache float32 where
    scaling comes before it; with two chains the cut is where the samples are smallest (uint8).

    Args:
        data: the rows.
        transform: deterministic preprocessing, from a row to a sample of plain tensors.
        augmentation: what follows in every epoch; None for nothing.
        cache: "memory", "disk", "none", or "auto" for memory as long as the samples take less than `MEMORY_LIMIT`.
        cache_dir: folder of the disk cache.
        sample_bytes: size of one cached sample, for "auto".
        progress: whether to show a bar while memory is filled.

    Raises:
        InputError: for another `cache`.
    """

    def __init__(
        self,
        data: Sequence[Mapping[str, Any]],
        transform: Callable[[Any], Any],
        augmentation: Callable[[Any], Any] | None = None,
        cache: str = "auto",
        cache_dir: Path | str | None = None,
        sample_bytes: int = 0,
        progress: bool = True,
    ) -> None:
        if cache == "auto":
            cache = "memory" if len(data) * sample_bytes <= MEMORY_LIMIT else "disk"
        samples: Any
        if cache == "memory":
            samples = CacheDataset(data, transform, num_workers=None, progress=progress, copy_cache=False)
        elif cache == "disk":
            samples = PersistentDataset(data, transform, cache_dir=cache_dir)
        elif cache == "none":
            samples = Dataset(data, transform)
        else:
            raise InputError(f'cache must be "memory", "disk", "none" or "auto", got {cache!r}')
        super().__init__(samples, augmentation or dict)
