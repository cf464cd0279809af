"""A classifier with all that an exported file gives out."""

import torch
from torch import nn

from bundle.networks.penultimate import penultimate_layer


class ExportedOutputs(nn.Module):
    """A classifier that gives its logits [B, C], its penultimate features [B, D] and its evidence map [B, 1, h, w].

    The map is left out where the network has none.

    Args:
        network: of `bundle.networks`, without a clinical branch; set to evaluation mode.

    Raises:
        ValueError: when the network has no fully connected layer.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self._last = penultimate_layer(network)
        self._evidence = getattr(network, "evidence", None)
        self.eval()

    @property
    def has_evidence(self) -> bool:
        """Whether the network draws a map of evidence."""
        return self._evidence is not None

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the outputs for images [B, C, S, S] in [0, 1]."""
        inner: dict[str, torch.Tensor] = {}
        hooks = [self._last.register_forward_pre_hook(lambda _, inputs: inner.update(features=inputs[0]))]
        if self._evidence is not None:
            hooks.append(
                self._evidence.register_forward_hook(lambda _, __, maps: inner.update(evidence=maps.sum(1, True)))
            )
        try:
            logits = self.network(images)
        finally:
            for hook in hooks:
                hook.remove()
        return (logits, *(inner[name] for name in ("features", "evidence") if name in inner))
