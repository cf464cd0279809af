"""Several processes at one task, on one machine or on many, as torchrun starts them."""

from bundle.distributed.processes import from_rank_zero, gather, join
from bundle.distributed.sampler import DistributedSequentialSampler

__all__ = ["DistributedSequentialSampler", "from_rank_zero", "gather", "join"]
