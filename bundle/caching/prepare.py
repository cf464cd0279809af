"""Samples of many rows, on all cores."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import ignite.distributed as idist
import numpy as np
from threadpoolctl import threadpool_limits

from bundle.caching.batch import transform_batch
from bundle.parallel import available_cores, map_in_processes
from bundle.progress import progress

Sample = dict[str, np.ndarray]
Kept = TypeVar("Kept")

CHUNK = 8
"""Rows that are transformed together."""
STARTING = 15.0
"""Seconds in which as many processes as there are cores have imported PyTorch and MONAI, beside one that works."""


def prepare_samples(transform: Any, rows: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """Return the samples of a few rows, as arrays.

    Raises:
        InputError: when an image cannot be read.
    """
    return [{key: np.asarray(value) for key, value in sample.items()} for sample in transform_batch(transform, rows)]


def prepare_all(
    transform: Any,
    rows: Sequence[Mapping[str, Any]],
    keep: Callable[[Mapping[str, Any], Sample], Kept],
    title: str,
) -> Iterator[Kept]:
    """Yield ``keep(row, sample)`` for each row, in order, and show how far they have come.

    Both run in as many processes as there are cores, see `bundle.parallel.map_in_processes`; what `keep` writes need
    not travel.

    Args:
        transform: deterministic, from a row to a sample of tensors.
        rows: the rows.
        keep: takes a row and its sample.
        title: what the work is called where its progress is shown, of a job's processes by rank 0 alone.

    Raises:
        InputError: when an image cannot be read.
    """
    chunks = [rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK)]
    # The processes of a job on one machine share its cores.
    cores = max(1, available_cores() // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    bar = progress(total=len(rows), desc=title, unit="slice", disable=idist.get_rank() > 0)
    # This process, too, computes in one thread: OpenMP's wait busily, which costs more than they do beside other work.
    with bar, threadpool_limits(1):
        for kept in map_in_processes(partial(_prepare, transform, keep), chunks, len(chunks), cores, STARTING):
            yield from kept
            bar.update(len(kept))


def _prepare(
    transform: Any, keep: Callable[[Mapping[str, Any], Sample], Kept], rows: Sequence[Mapping[str, Any]]
) -> list[Kept]:
    return [keep(row, sample) for row, sample in zip(rows, prepare_samples(transform, rows), strict=True)]
