"""The classification loss and that of the maps of the bleed."""

from typing import Protocol

import torch
from torch import nn


class Maps(Protocol):
    """What keeps the loss of its maps, as `bundle.networks.LesionMaps`."""

    lesion_loss: torch.Tensor


class WithLesionMaps(nn.Module):
    """Add to a classification loss what `bundle.networks.LesionMaps` found in the same batch.

    Args:
        loss: of logits [B, C] and labels [B, 6].
        maps: the network that gave the logits, and keeps its ``lesion_loss``.
        weight: of the maps' loss.
    """

    def __init__(self, loss: nn.Module, maps: Maps, weight: float = 1.0) -> None:
        super().__init__()
        self.loss = loss
        self.weight = weight
        self._maps = (maps,)  # kept from being a part of the loss, whose parameters the trainer does not move

    def forward(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the scalar loss."""
        return self.loss(logits, labels) + self.weight * self._maps[0].lesion_loss
