"""The learning rate's way over a training."""

import math
from typing import Any

from torch.optim.lr_scheduler import CosineAnnealingLR


class CosineAnnealing(CosineAnnealingLR):
    """PyTorch's `CosineAnnealingLR`, whose length is the run's own, also where it goes on from one of another length.

    PyTorch's takes ``T_max`` from the checkpoint: with a larger ``max_epochs`` the learning rate would rise again from
    its minimum. Here it goes on at the place that it would have in a run of the new length. Load the optimizer's state
    before this one's.
    """

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on after as many epochs as `state_dict` has seen."""
        length = self.T_max
        super().load_state_dict({**state_dict, "T_max": length})
        if state_dict["T_max"] == length:
            return
        left = (1 + math.cos(math.pi * self.last_epoch / length)) / 2
        for group, first in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = self.eta_min + (first - self.eta_min) * left
