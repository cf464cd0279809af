"""How the processes of a job find each other, and share what one of them has or does.

Without a job, in a process of its own, everything here does what its name says for that one process.
"""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import ignite.distributed as idist
import torch
from torch import distributed

from bundle.errors import InputError

Result = TypeVar("Result")

PATIENCE = timedelta(hours=2)
"""How long a process waits for the others: the first scan of a large archive may take one of them this long. One that
dies ends the job at once; that is the launcher's work."""


def join(device: torch.device) -> None:
    """Join the other processes of the job, by NCCL on GPUs and Gloo on CPUs, and leave the screen to rank 0.

    Raises:
        InputError: when torchrun did not start this process.
    """
    if "RANK" not in os.environ:
        raise InputError(
            "the multi_gpu configs are for several processes",
            "start them with torchrun --nproc_per_node=N -m monai.bundle …, or leave the config out",
        )
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    # Ignite's and MONAI's own look at the job takes all processes, so it must not happen first where one is alone.
    idist.sync()
    if distributed.get_rank() > 0:
        logging.disable(logging.WARNING)


def from_rank_zero(function: Callable[..., Result], *args: object, **kwargs: object) -> Result:
    """Call a function in the process of rank 0 alone, and return its result in every process."""
    if idist.get_world_size() == 1:
        return function(*args, **kwargs)
    result = [function(*args, **kwargs) if idist.get_rank() == 0 else None]
    distributed.broadcast_object_list(result)
    return result[0]  # type: ignore[return-value]


def gather(items: Sequence[Result], size: int) -> list[Result]:
    """Return what the processes have of a set that `DistributedSequentialSampler` divided, in the set's order.

    Args:
        items: one for each sample of this process.
        size: number of samples of the set.
    """
    if idist.get_world_size() == 1:
        return list(items)
    shares: list[Sequence[Result]] = [()] * idist.get_world_size()
    distributed.all_gather_object(shares, items)
    return [item for share in shares for item in share][:size]
