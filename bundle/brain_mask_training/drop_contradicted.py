"""Training samples whose masks are mistaken, found out by the network in training."""

import logging

from ignite.engine import Engine, Events
from monai.data import Dataset
from torch import nn

from bundle.brain_mask_training.sample import Sample
from bundle.preprocessing import window_hu
from bundle.preprocessing.brain import LEVEL, WIDTH
from bundle.transforms.brain_mask import predict_probability, shrink

logger = logging.getLogger(__name__)


class DropContradicted:
    """Drop, at the start of one epoch, the uncertain samples that the network contradicts.

    A teacher that fails here and there fails in many ways; the network first learns what its masks have in common.

    Args:
        dataset: the training dataset of `bundle.brain_mask_training.Sample`; its data is cut.
        network: the network in training.
        epoch: at whose start the samples are looked at, counted from 1.
        min_dice: a sample is dropped when the Dice of its mask with the network's is below.
    """

    def __init__(self, dataset: Dataset, network: nn.Module, epoch: int, min_dice: float = 0.8) -> None:
        self.dataset = dataset
        self.network = network
        self.epoch = epoch
        self.min_dice = min_dice

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED(once=self.epoch), self)

    def __call__(self, engine: Engine) -> None:
        """Drop samples."""
        self.network.eval()
        kept = [sample for sample in self.dataset.data if sample["certain"] or self._agrees(sample)]
        self.network.train()
        logger.info("kept %d of %d training samples", len(kept), len(self.dataset.data))
        self.dataset.data = kept
        if engine.state.dataloader is not None:
            # The sampler of the epoch before would go on with the indices of what was dropped.
            engine.set_data(engine.state.dataloader)

    def _agrees(self, sample: Sample) -> bool:
        grey = window_hu(sample["image"].float(), LEVEL, WIDTH)
        found = predict_probability(self.network, shrink(grey)[None])[0] > 0.5
        taught = shrink((sample["label"] > 0).float()) > 0.5
        total = int(found.sum() + taught.sum())
        return total == 0 or 2 * int((found & taught).sum()) / total >= self.min_dice
