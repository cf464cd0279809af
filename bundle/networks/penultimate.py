"""The penultimate features of a network."""

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def last_linear(network: nn.Module) -> nn.Linear:
    """Return the layer that gives the logits; what goes into it are the penultimate features.

    Raises:
        ValueError: when the network has no fully connected layer.
    """
    layers = [module for module in network.modules() if isinstance(module, nn.Linear)]
    if not layers:
        raise ValueError(f"{type(network).__name__} has no fully connected layer, so it has no penultimate features")
    return layers[-1]


def penultimate_layer(network: nn.Module) -> nn.Module:
    """Return the module into which the penultimate features go.

    It is the one that the network names ``penultimate``, or else the layer that gives the logits; of one that several
    processes train, that of the network itself.

    Raises:
        ValueError: see `last_linear`.
    """
    if isinstance(network, DistributedDataParallel):
        network = network.module
    own = getattr(network, "penultimate", None)
    return own if isinstance(own, nn.Module) else last_linear(network)


class PenultimateFeatures:
    """Collect what goes into a network's last fully connected layer, while it is open.

    Args:
        network: the classifier, see `penultimate_layer`.

    Raises:
        ValueError: when the network has no fully connected layer.

    Example:
        ``with PenultimateFeatures(network) as features: network(images)`` leaves ``features.take(len(images))``, [B, D]
        float32 on the CPU.
    """

    def __init__(self, network: nn.Module) -> None:
        self._layer = penultimate_layer(network)
        self._batches: list[torch.Tensor] = []

    def open(self) -> None:
        """Begin to collect."""
        self._batches = []
        self._hook = self._layer.register_forward_pre_hook(
            lambda _, inputs: self._batches.append(inputs[0].detach().float().cpu())
        )

    def close(self) -> None:
        """End, and leave the network as it was."""
        self._hook.remove()

    def __enter__(self) -> "PenultimateFeatures":
        """Open it for the time of a ``with`` block."""
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def take(self, count: int) -> torch.Tensor:
        """Return what was collected since the last call, [N, D] float32, and forget it.

        Args:
            count: N. Of a network that looked at all N several times, as `bundle.engines.MirroredInferer` lets it, the
                looks' mean is taken.
        """
        collected, self._batches = self._batches, []
        features = torch.cat(collected)
        return features.view(-1, count, features.shape[1]).mean(0)
