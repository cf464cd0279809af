"""The mean over a batch of which the processes of a job may hold a part each."""

import torch
from torch import distributed

_NO_WEIGHT = 1e-6


def weighted_mean(values: torch.Tensor, weights: torch.Tensor, over_processes: bool = False) -> torch.Tensor:
    """Return Σ weights · values / Σ weights as a scalar; 0 where all weights are 0.

    The mean of the processes' means is another number as soon as their weights differ, by unknown labels or class
    weights. Over processes, sums and weights are added up before they are divided, and every process gets that mean.
    Its gradient there is scaled such that the mean of the processes' gradients, which `DistributedDataParallel` takes,
    is the gradient of the mean over the whole batch.

    Args:
        values: floating point, any shape.
        weights: not negative, of the same shape.
        over_processes: whether each process holds a part of the batch; all must call this equally often.
    """
    total, weight = (values * weights).sum(), weights.sum()
    if not over_processes:
        return total / weight.clamp(min=_NO_WEIGHT)
    sums = torch.stack([total.detach(), weight])
    distributed.all_reduce(sums)
    whole, weight = sums[0], sums[1].clamp(min=_NO_WEIGHT)
    part = total * distributed.get_world_size() / weight
    return part + (whole / weight - part).detach()
