"""What the bundle's inferers share."""

from collections.abc import Callable
from typing import Any

import torch
from monai.inferers import SimpleInferer


class SwitchedInferer(SimpleInferer):
    """MONAI's `SimpleInferer`, with what a subclass does more where it is enabled.

    Args:
        enabled: False for the plain forward pass.
    """

    def __init__(self, enabled: bool = True) -> None:
        super().__init__()
        self.enabled = enabled

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., torch.Tensor], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return the network's output for `inputs`, by `infer` where enabled."""
        if self.enabled:
            return self.infer(inputs, lambda images: network(images, *args, **kwargs))
        return super().__call__(inputs, network, *args, **kwargs)

    def infer(self, inputs: torch.Tensor, look: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """Return the output for `inputs` [B, C, H, W]; `look` is the forward pass, with the network's other inputs."""
        raise NotImplementedError
