"""The same random numbers in an epoch whether or not the training was interrupted before it."""

from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.data.utils import set_rnd


class EpochSeed:
    """Seed shuffling, augmentation and dropout anew at the start of each epoch from the seed and the epoch's number.

    Without it a resumed training would draw what the first epochs drew, and differ from an uninterrupted one. The
    processes of a job get seeds of their own, for they augment different images; in what order images are drawn is the
    matter of their `DistributedSampler`, which MONAI's trainer tells the epoch.

    Args:
        seed: the seed of the whole run; None leaves all random numbers alone.
        dataset: the training dataset, whose random transforms run in this process when the loader has no workers.
        generator: the random number generator of the loader's sampler.
    """

    def __init__(self, seed: int | None, dataset: Any, generator: torch.Generator) -> None:
        self.seed = seed
        self.dataset = dataset
        self.generator = generator

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)
        # From the second epoch on, the sampler of the epoch before draws once more before it is replaced.
        engine.add_event_handler(Events.DATALOADER_STOP_ITERATION, self)

    def __call__(self, engine: Engine) -> None:
        """Seed for the epoch that starts."""
        if self.seed is None:
            return
        seed = (self.seed * 10_007 + engine.state.epoch) * idist.get_world_size() + idist.get_rank()
        torch.manual_seed(seed)
        self.generator.manual_seed(seed)
        set_rnd(self.dataset, seed)
