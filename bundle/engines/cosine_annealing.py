"""The learning rate's way over a training."""

import logging
import math
from typing import Any

from torch.optim.lr_scheduler import CosineAnnealingLR

logger = logging.getLogger(__name__)


class CosineAnnealing(CosineAnnealingLR):
    """PyTorch's `CosineAnnealingLR`, whose length and first learning rate are the run's own, also where it goes on.

    PyTorch's takes both from the checkpoint: with a larger ``max_epochs`` the learning rate would rise again from its
    minimum, and a smaller learning rate after a training that diverged would be none. Here it goes on at the place that
    it would have in a run of the new length from the new learning rate. Load the optimizer's state before this one's.
    """

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on after as many epochs as `state_dict` has seen, and log a first learning rate that is another."""
        own = {"T_max": self.T_max, "base_lrs": self.base_lrs}
        super().load_state_dict({**state_dict, **own})
        if all(state_dict[name] == value for name, value in own.items()):
            return
        left = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        for group, first, before in zip(
            self.optimizer.param_groups, self.base_lrs, state_dict["base_lrs"], strict=True
        ):
            if first != before:
                logger.info("The learning rate begins at %g from here on, not at %g.", first, before)
            group["initial_lr"] = first
            group["lr"] = self.eta_min + (first - self.eta_min) * left
