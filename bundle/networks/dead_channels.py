"""A network without the channels that add nothing.

With Adam, an L2 penalty takes every weight to 0 that the loss does not hold on to, and a long training ends with
channels of which nothing is left. To compute them is work for nothing.
"""

import copy
from typing import Any

import torch
from monai.networks.blocks.squeeze_and_excitation import SEBlock
from torch import nn

MULTIPLE = 16
"""Channels that are kept come in multiples of this, for processors compute so many at once."""


def without_dead_channels(network: nn.Module) -> nn.Module:
    """Return a copy of a network, in evaluation mode, without the dead channels within its SE blocks.

    Dead is a channel of a block's first two convolutions that the next one multiplies by 0, or that is 0 after its
    activation whatever the image. Without them the outputs are the same, but for the rounding of sums in another order.
    Blocks whose convolutions are grouped or have a bias, and other networks, are copied as they are.

    Args:
        network: whose blocks are `monai.networks.blocks.squeeze_and_excitation.SEBlock`, as in an SE-ResNet50.

    >>> from monai.networks.nets import SEResNet50
    >>> network = SEResNet50(spatial_dims=2, in_channels=3, num_classes=1)
    >>> _ = network.layer4[0].conv3.conv.weight.data[:, 20:].zero_()
    >>> without_dead_channels(network).layer4[0].conv2.conv.weight.shape
    torch.Size([32, 512, 3, 3])
    """
    narrow = copy.deepcopy(network).eval()
    for block in narrow.modules():
        if not isinstance(block, SEBlock):
            continue
        convolutions: list[Any] = [block.conv1, block.conv2, block.conv3]
        if all(each.conv.groups == 1 and each.conv.bias is None for each in convolutions):
            first, second, third = convolutions
            _narrow(second, third)
            _narrow(first, second)
            _narrow(second, third)
    return narrow.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


@torch.no_grad()
def _narrow(before: Any, after: Any) -> None:
    """Take the dead channels between two of MONAI's convolutions out of both."""
    convolution, norm, following = before.conv, before.adn.N, after.conv
    used = following.weight.abs().amax((0, 2, 3)) > 0
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    varies = (convolution.weight.abs().amax((1, 2, 3)) > 0) & (scale != 0)
    lively = used & (varies | (norm.bias - scale * norm.running_mean > 0))
    wanted = min(max(-(-int(lively.sum()) // MULTIPLE), 1) * MULTIPLE, len(lively))
    kept = torch.argsort(lively, descending=True, stable=True)[:wanted].sort().values
    for part in (convolution, norm):
        for name, value in [*part.named_parameters(), *part.named_buffers()]:
            if value.ndim:
                setattr(part, name, nn.Parameter(value[kept]) if isinstance(value, nn.Parameter) else value[kept])
    following.weight = nn.Parameter(following.weight[:, kept])
    convolution.out_channels = norm.num_features = following.in_channels = wanted
