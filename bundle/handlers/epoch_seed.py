"""The same random numbers in an epoch whether or not the training was interrupted before it."""

from typing import cast

import ignite.distributed as idist
import torch
from ignite.engine import Events
from monai.data.utils import set_rnd
from monai.engines import Workflow
from torch.utils.data import DataLoader


class EpochSeed:
    """Seed shuffling, augmentation and dropout anew at the start of each epoch from the seed and the epoch's number.

    Without it a resumed training would draw what the first epochs drew, and differ from an uninterrupted one. The
    processes of a job get seeds of their own, for they augment different images; in what order images are drawn is the
    matter of their `DistributedSampler`, which MONAI's trainer tells the epoch.

    Args:
        seed: the seed of the whole run; None leaves all random numbers alone.
    """

    def __init__(self, seed: int | None) -> None:
        self.seed = seed

    def attach(self, engine: Workflow) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)
        # From the second epoch on, the sampler of the epoch before draws once more before it is replaced.
        engine.add_event_handler(Events.DATALOADER_STOP_ITERATION, self)

    def __call__(self, engine: Workflow) -> None:
        """Seed for the epoch that starts."""
        if self.seed is None:
            return
        seed = (self.seed * 10_007 + engine.state.epoch) * idist.get_world_size() + idist.get_rank()
        torch.manual_seed(seed)
        loader = cast(DataLoader, engine.data_loader)
        if loader.generator is None:
            raise ValueError("the training's data loader has no generator, so that its order cannot be seeded")
        loader.generator.manual_seed(seed)
        # The random transforms run in this process when the loader has no workers.
        set_rnd(loader.dataset, seed)
