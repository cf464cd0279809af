"""What the processes of a job compute, and one process alone, to be compared."""

import os
from pathlib import Path

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from bundle.handlers.hemorrhage_metrics import HemorrhageMetrics
from bundle.handlers.set_loss import SetLoss
from bundle.labels import CLASSES, UNKNOWN
from bundle.losses import HemorrhageLoss
from bundle.parallel.processes import from_rank_zero, gather, join
from bundle.parallel.sampler import DistributedSequentialSampler
from tests.parallel.parts import TinyNetwork

SIZES = (1, 2, 5, 8)
"""Of the sets that two processes divide: smaller than their number, odd, and even."""


def batch(size: int = 8):
    """Images and labels of which some are unknown wholly or in part; with few slices, one process knows none."""
    generator = torch.Generator().manual_seed(0)
    labels = (torch.rand(size, 6, generator=generator) < 0.3).float()
    labels[:, 5] = labels[:, :5].amax(1)
    labels[0] = UNKNOWN
    labels[1::3, :4] = UNKNOWN
    labels[2::3, 5] = 1
    return torch.rand(size, 3, 24, 24, generator=generator), labels


def step(task: str, images: torch.Tensor, labels: torch.Tensor, parallel: bool):
    """Return loss and gradients of one optimisation step of a weighted loss."""
    torch.manual_seed(1)
    network = TinyNetwork(len(CLASSES[task]))
    trained = DistributedDataParallel(network) if parallel else network
    weights = torch.linspace(0.5, 3, len(CLASSES[task])).tolist()
    value = HemorrhageLoss(task, weights, over_processes=parallel)(trained.train()(images), labels)
    value.backward()
    return {"loss": value.detach(), **{name: each.grad for name, each in network.named_parameters()}}


def steps(part: slice = slice(None), parallel: bool = False):
    images, labels = batch()
    return {task: step(task, images[part], labels[part], parallel) for task in CLASSES}


def gradients(folder: Path):
    join(torch.device("cpu"))
    part = slice(0, 3) if distributed.get_rank() == 0 else slice(3, 8)
    torch.save(steps(part, parallel=True), folder / f"gradients.{distributed.get_rank()}.pt")
    unknown = slice(0, 1) if distributed.get_rank() == 0 else slice(1, 2)
    torch.save(steps(unknown, parallel=True), folder / f"unknown.{distributed.get_rank()}.pt")


def figures(size: int, parallel: bool = False):
    """Return loss and metrics of a set of `size` slices, in batches of two."""
    images, labels = batch(size)
    probabilities = torch.softmax(images.flatten(1)[:, :6], 1)
    loss, metrics = SetLoss(HemorrhageLoss("subtype"), size=size), HemorrhageMetrics("subtype", rows=[{}] * size)
    sampler = DistributedSequentialSampler(range(size)) if parallel else None
    for indices in DataLoader(range(size), batch_size=2, sampler=sampler):
        loss.update((images.flatten(1)[indices, :6], labels[indices]))
        metrics.update((probabilities[indices], labels[indices]))
    return {"loss": loss.compute(), **metrics.compute()}


def metrics(folder: Path):
    join(torch.device("cpu"))
    rank = distributed.get_rank()
    torch.save({size: figures(size, parallel=True) for size in SIZES}, folder / f"metrics.{rank}.pt")
    for size in (0, *SIZES):
        part = [f"sample {index}" for index in DistributedSequentialSampler(range(size))]
        assert gather(part, size) == [f"sample {index}" for index in range(size)]
    assert from_rank_zero(os.getpid) == from_rank_zero(lambda: os.getpid())
    assert (from_rank_zero(os.getpid) == os.getpid()) == (rank == 0)
