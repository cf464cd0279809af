"""Transfer learning at the start of a training."""

import logging
from pathlib import Path

from ignite.engine import Engine, Events
from torch import nn

from bundle.networks.pretrained import load_pretrained

logger = logging.getLogger(__name__)


class PretrainedWeights:
    """Load a local weights file into the network when the training starts, and log what matched.

    Args:
        path: see `bundle.networks.load_pretrained`; None to start from random weights.
        network: any that `bundle.networks.load_pretrained` knows.
        task: see there.
    """

    def __init__(self, path: Path | str | None, network: nn.Module, task: str) -> None:
        self.path, self.network, self.task = path, network, task

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer, before the handler that resumes from a checkpoint."""
        if self.path is not None:
            engine.add_event_handler(Events.STARTED, self, self.path)

    def __call__(self, engine: Engine, path: Path | str) -> None:
        """Load the weights."""
        logger.info("%s", load_pretrained(self.network, path, self.task))
