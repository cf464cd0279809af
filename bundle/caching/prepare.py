"""Samples of many rows, on all cores."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from bundle.errors import InputError
from bundle.parallel.cores import available_cores
from bundle.transforms import transform_batch

Sample = dict[str, np.ndarray]
Kept = TypeVar("Kept")

CHUNK = 8
"""Rows that are transformed together."""
FEW = 64
"""Number of rows up to which starting processes takes longer than they save."""


def prepare_samples(transform: Any, rows: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """Return the samples of a few rows, as arrays.

    Raises:
        InputError: when an image cannot be read.
    """
    return [{key: np.asarray(value) for key, value in sample.items()} for sample in transform_batch(transform, rows)]


def prepare_all(
    transform: Any,
    rows: Sequence[Mapping[str, Any]],
    keep: Callable[[int, Sample], Kept],
    title: str,
    progress: bool = True,
) -> Iterator[Kept]:
    """Yield ``keep(index, sample)`` for each row, in order, with a progress bar on a terminal.

    Both run in as many processes as there are cores; what `keep` writes need not travel.

    Args:
        transform: deterministic, from a row to a sample of tensors.
        rows: the rows.
        keep: takes the index of a row and its sample.
        title: what the progress bar says.
        progress: False for no bar.

    Raises:
        InputError: when an image cannot be read.
    """
    cores = available_cores()
    cores = max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    workers = cores if len(rows) > FEW and cores > 1 else 0
    loader = DataLoader(_Chunks(transform, rows, keep), batch_size=None, num_workers=workers, collate_fn=_as_it_is)
    with tqdm(total=len(rows), desc=title, unit="slice", disable=None if progress else True) as bar:
        for kept in loader:
            if isinstance(kept, InputError):
                raise kept
            yield from kept
            bar.update(len(kept))


class _Chunks(Dataset):
    def __init__(self, transform: Any, rows: Sequence[Mapping[str, Any]], keep: Callable[[int, Sample], Any]) -> None:
        self.transform, self.rows, self.keep = transform, rows, keep

    def __len__(self) -> int:
        return -(-len(self.rows) // CHUNK)

    def __getitem__(self, chunk: int) -> list[Any] | InputError:
        first = chunk * CHUNK
        try:
            samples = prepare_samples(self.transform, self.rows[first : first + CHUNK])
        except InputError as error:
            # The loader would hand on the text of its traceback instead.
            return error
        return [self.keep(first + index, sample) for index, sample in enumerate(samples)]


def _as_it_is(kept: Any) -> Any:
    return kept
