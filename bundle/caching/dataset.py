"""Datasets whose deterministic preprocessing is done once."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from monai.data import Dataset

from bundle.caching.folder import CacheFolder
from bundle.caching.keys import sample_key, transform_version
from bundle.caching.prepare import Sample, prepare_all, prepare_samples
from bundle.errors import InputError

MEMORY_LIMIT = 4 * 2**30
"""Bytes above which ``cache="auto"`` goes to the disk."""


class CachedDataset(Dataset):
    """A dataset of rows: deterministic preprocessing, cached, then targets, and augmentation drawn anew each time.

    It stands in for MONAI's `CacheDataset` and `PersistentDataset`. These cut one chain at its first random transform
    (and would cache float32 where scaling comes before it), make one sample at a time, and meet old samples again after
    weights, code or image files have changed. Here the cache is filled on all cores, in batches where a transform can
    (`bundle.caching.batch.BatchTransform`), and a sample on the disk is found only by what it was made of
    (`bundle.caching.keys`); a damaged one is made anew.

    Args:
        data: the rows.
        transform: deterministic preprocessing, from a row to a sample of tensors.
        augmentation: what follows in every epoch; None for nothing.
        cache: "memory", "disk", "none", or "auto" for memory as long as the samples take less than `MEMORY_LIMIT`.
        cache_dir: folder of the disk cache.
        sample_bytes: size of one cached sample, for "auto".
        read_keys: keys of a row that the transform reads.
        row_keys: keys that go from a row that has them into its sample as they are, never cached: a corrected label
            takes effect.
        targets: what gives a sample further targets from what its row says, before the augmentation, and takes off it
            "file", the row's image; None for none.

    Raises:
        InputError: for another `cache`, or when an image cannot be read.
    """

    def __init__(
        self,
        data: Sequence[Mapping[str, Any]],
        transform: Callable[[Any], Any],
        augmentation: Callable[[Any], Any] | None = None,
        cache: str = "auto",
        cache_dir: Path | str | None = None,
        sample_bytes: int = 0,
        read_keys: Sequence[str] = ("image", "slice"),
        row_keys: Sequence[str] = ("label", "clinical"),
        targets: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__(data, augmentation or dict)
        self.preprocessing, self.targets = transform, targets
        self.read_keys, self.row_keys = tuple(read_keys), tuple(row_keys)
        self._memory: list[Sample] = []
        self._folder: CacheFolder | None = None
        self._keys: list[str] = []
        if cache == "auto":
            cache = "memory" if len(data) * sample_bytes <= MEMORY_LIMIT else "disk"
        if cache == "memory":
            rows = [self._inputs(row) for row in data]
            self._memory = list(prepare_all(transform, rows, _hand_over, "preprocessing"))
        elif cache == "disk":
            if cache_dir is None:
                raise InputError('cache "disk" needs a folder', "name it with cache_dir")
            self._folder = CacheFolder(cache_dir, transform_version(transform))
            self._fill(self._folder)
        elif cache != "none":
            raise InputError(f'cache must be "memory", "disk", "none" or "auto", got {cache!r}')

    def _inputs(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {key: row[key] for key in self.read_keys if key in row}

    def _fill(self, folder: CacheFolder) -> None:
        # The processes of one machine share its disk; another machine may have a disk of its own.
        share = range(int(os.environ.get("LOCAL_RANK", 0)), len(self.data), int(os.environ.get("LOCAL_WORLD_SIZE", 1)))
        keys = self._keys = [sample_key(row, self.read_keys) for row in self.data]
        rows = [self._inputs(self.data[index]) for index in share if not folder.file(keys[index]).is_file()]
        keep = partial(_write, folder, self.read_keys)
        for _ in prepare_all(self.preprocessing, rows, keep, "preprocessing"):
            pass
        idist.barrier()

    def _sample(self, index: int) -> Sample:
        if self._memory:
            return self._memory[index]
        sample = self._folder.read(self._keys[index]) if self._folder else None
        if sample is None:
            (sample,) = prepare_samples(self.preprocessing, [self._inputs(self.data[index])])
            if self._folder:
                self._folder.write(self._keys[index], sample)
        return sample

    def _transform(self, index: int) -> Any:
        row = self.data[index]
        sample = {key: torch.from_numpy(value) for key, value in self._sample(index).items()}
        sample = {**{key: row[key] for key in self.row_keys if key in row}, **sample}
        return self.transform(sample if self.targets is None else self.targets({"file": row.get("image"), **sample}))


def _write(folder: CacheFolder, read_keys: Sequence[str], row: Mapping[str, Any], sample: Sample) -> None:
    folder.write(sample_key(row, read_keys), sample)


def _hand_over(row: Mapping[str, Any], sample: Sample) -> Sample:
    return sample
