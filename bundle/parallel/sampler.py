"""A set divided among processes so that it can be put together again, each sample once and in its order."""

from collections.abc import Iterator, Sized

import ignite.distributed as idist
from torch.utils.data import Sampler


class DistributedSequentialSampler(Sampler[int]):
    """The indices of this process's part of a set: part after part, the whole set in its order.

    All parts are of one length, so that all processes do the same number of iterations and none is without a sample;
    where they reach beyond the set, they repeat its last sample. So the first ``len(dataset)`` of all results, one
    process's after another's, are those of the set. PyTorch's and MONAI's `DistributedSampler` deal the samples out
    like cards, which tears volumes and series apart, and MONAI's refuses a set smaller than the number of processes.

    Args:
        dataset: the set.

    Example:
        Of five samples, the first of two processes gets 0, 1, 2 and the second 3, 4, 4.
    """

    def __init__(self, dataset: Sized) -> None:
        self.size = len(dataset)
        self.length = -(-self.size // idist.get_world_size())
        self.start = idist.get_rank() * self.length

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[int]:
        return iter([min(index, self.size - 1) for index in range(self.start, self.start + self.length)])
