"""Two looks at a head instead of one."""

from collections.abc import Callable
from typing import Any

import torch
from monai.inferers import SimpleInferer


class MirroredInferer(SimpleInferer):
    """MONAI's `SimpleInferer` over an image and its mirror image, left for right, the outputs averaged.

    A bleed is one on either side, and the network has seen both in training; what it says of only one of the two views
    counts half. It takes twice the time of one.
    """

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., torch.Tensor], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return the mean of the outputs for `inputs` [B, C, H, W] and for them with the columns reversed."""
        return (network(inputs, *args, **kwargs) + network(inputs.flip(-1), *args, **kwargs)) / 2
