"""The loss of a whole set."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from ignite.exceptions import NotComputableError
from ignite.metrics import Metric
from ignite.metrics.metric import reinit__is_reduced
from monai.handlers import from_engine
from monai.utils import evenly_divisible_all_gather

from bundle.parallel.processes import from_rank_zero


class SetLoss(Metric):
    """Compute a loss once, of all logits and labels of a set, over iterations and processes.

    ``ignite.metrics.Loss`` takes the mean of the batches' means. Where a loss leaves out unknown labels that depends on
    how the set falls into batches, and so on the batch size and the number of processes.

    Args:
        loss_fn: from logits [N, C] and labels [N, 6] to a scalar.
        output_transform: takes ``engine.state.output`` and returns logits and labels: tensors, or lists of [C] and [6];
            None takes what is under "logits" and "label".
        size: see `bundle.handlers.HemorrhageScores`.
    """

    def __init__(
        self,
        loss_fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        output_transform: Callable[[Any], Any] | None = None,
        size: int | None = None,
    ) -> None:
        self.loss_fn = loss_fn
        self.size = size
        super().__init__(output_transform or from_engine(["logits", "label"]), skip_unrolling=True)

    @reinit__is_reduced
    def reset(self) -> None:
        """Forget what was collected."""
        self._logits: list[torch.Tensor] = []
        self._labels: list[torch.Tensor] = []

    @reinit__is_reduced
    def update(self, output: Sequence[Any]) -> None:
        """Collect one batch of (logits, labels)."""
        logits, labels = output
        self._logits.extend(logits)
        self._labels.extend(labels)

    def compute(self) -> float:
        """Return the loss.

        Raises:
            NotComputableError: when nothing was collected.
        """
        if not self._logits:
            raise NotComputableError("the loss needs at least one batch before it is computed")
        logits, labels = (
            evenly_divisible_all_gather(torch.stack(each), concat=True)[: self.size].cpu()
            for each in (self._logits, self._labels)
        )
        return from_rank_zero(lambda: self.loss_fn(logits, labels).item())
