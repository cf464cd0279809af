"""Two looks at a head instead of one."""

from collections.abc import Callable

import torch

from bundle.engines.switched import SwitchedInferer


class MirroredInferer(SwitchedInferer):
    """MONAI's `SimpleInferer` over an image and its mirror image, left for right, the outputs averaged.

    A bleed is one on either side, and the network has seen both in training; what it says of only one of the two views
    counts half. It takes twice the time of one.

    Args:
        enabled: False for the image alone.
    """

    def infer(self, inputs: torch.Tensor, look: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """Return the mean of the outputs for `inputs` and for them with the columns reversed."""
        return (look(inputs) + look(inputs.flip(-1))) / 2
