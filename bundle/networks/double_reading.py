"""Two networks that read every slice, and answer as one."""

from pathlib import Path

import torch
from torch import nn

from bundle.files.second_reader import find_second_reader
from bundle.files.weights import read_weights
from bundle.networks.classifier import HemorrhageClassifier
from bundle.networks.efficientnet_lite import LITE0_CHANNELS, EfficientNetLite0
from bundle.networks.load_state import load_state


class DoubleReading(nn.Module):
    """Add the logits of two classifiers, and calibrate the sum, see `bundle.files.second_reader`.

    It has the features of the first, and a map of evidence with a channel each: Grad-CAM at ``evidence`` weighs the two
    by what each adds to the class.

    Args:
        first: with a pyramid; may have a clinical branch.
        second: likewise, but without one.
        temperature: by which the sum is divided.
        shift: that is then added to the first logit.

    Raises:
        ValueError: when one draws no map of evidence.

    Example:
        ``DoubleReading(one, other, temperature=2, shift=0)`` gives the mean of their logits.
    """

    def __init__(
        self, first: HemorrhageClassifier, second: HemorrhageClassifier, temperature: float, shift: float
    ) -> None:
        super().__init__()
        if first.evidence is None or second.evidence is None:
            raise ValueError("both readers draw a map of evidence, and one has no pyramid to draw it from")
        self.first, self.second = first, second
        self.temperature, self.shift = temperature, shift
        self.evidence = nn.Identity()

    @property
    def penultimate(self) -> nn.Module:
        """The layer that takes the features of the first, see `bundle.networks.penultimate`."""
        return self.first.penultimate

    def forward(self, images: torch.Tensor, clinical: torch.Tensor | None = None) -> torch.Tensor:
        """Return logits [B, C] of `images` [B, C, H, W] and, where the first has a clinical branch, of [B, F]."""
        of_first, of_second = self.first.encode(images), self.second.encode(images)
        drawn = self.evidence(self._draw(of_first, of_second))
        logits = self.first.classify(of_first, clinical, drawn[:, :1])
        logits = (logits + self.second.classify(of_second, None, drawn[:, 1:])) / self.temperature
        return torch.cat([logits[:, :1] + self.shift, logits[:, 1:]], 1)

    def evidence_map(self, images: torch.Tensor) -> torch.Tensor:
        """Return the sum of both maps of evidence of images [B, C, H, W], [B, 1, H/8, W/8], never negative."""
        return self._draw(self.first.encode(images), self.second.encode(images)).sum(1, keepdim=True)

    def _draw(self, of_first: list[torch.Tensor], of_second: list[torch.Tensor]) -> torch.Tensor:
        return torch.cat([self.first.draw(of_first), self.second.draw(of_second)], 1)


def with_second_reader(network: HemorrhageClassifier, checkpoint: Path | str) -> nn.Module:
    """Return the network as its checkpoint is to be used: with the second reader that lies beside it, or alone.

    The second reader is a `HemorrhageClassifier` with `EfficientNetLite0` as its backbone, as that of
    ``configs/model_edge.json``, for the same images and classes. Its weights are loaded here.

    Args:
        network: whose own weights are loaded by the caller.
        checkpoint: of the network.

    Raises:
        InputError: see `bundle.files.second_reader.find_second_reader`, and when the weights do not fit.
    """
    found = find_second_reader(checkpoint)
    # Weights that draw evidence do not fit a network that draws none, which the caller finds out.
    votes = getattr(network, "votes", None)
    if found is None or votes is None:
        return network
    second = HemorrhageClassifier(
        EfficientNetLite0(in_channels=_first_convolution(network).in_channels),
        num_classes=len(votes),
        backbone_channels=LITE0_CHANNELS,
        standardised=network.standardised,
    )
    path = Path(checkpoint).with_name(found.checkpoint)
    load_state(second, read_weights(path), path)
    second.train(network.training).to(next(network.parameters()).device)
    return DoubleReading(network, second, found.temperature, found.shift)


def _first_convolution(network: nn.Module) -> nn.Conv2d:
    return next(each for each in network.modules() if isinstance(each, nn.Conv2d))
