"""Two looks at a head instead of one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from monai.inferers import SimpleInferer

from bundle.preprocessing import mirrored_looks

CPU_BATCH = 4
"""Images that a network on the CPU is given at once: more maps no longer fit into a processor's cache, and the same
images take up to twice as long."""


class MirroredInferer(SimpleInferer):
    """MONAI's `SimpleInferer` over an image and its mirror image, left for right, the outputs averaged.

    A bleed is one on either side, and the network has seen both in training; what it says of only one of the two views
    counts half. It takes twice the time of one. Slices of low contrast, as of a picture through a wide window, are seen
    with that of the brain window once or twice, see `bundle.preprocessing.mirrored_looks`.
    """

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., torch.Tensor], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return the mean of the outputs for `inputs` [B, C, S, S] in [0, 1] and for their mirror images.

        Args:
            inputs: the images.
            network: the classifier, in evaluation mode, so that no image counts for another.
            args: further inputs, of which tensors are [B, ...].
            kwargs: the same by name.
        """
        looks = (np.ascontiguousarray(each) for each in mirrored_looks(inputs.numpy(force=True)))
        seen, mirrored = (_look(network, torch.from_numpy(each).to(inputs), args, kwargs) for each in looks)
        return (seen + mirrored) / 2


def _look(
    network: Callable[..., torch.Tensor], images: torch.Tensor, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> torch.Tensor:
    count = max(1, len(images))
    size = CPU_BATCH if images.device.type == "cpu" else count

    def part(value: Any, start: int) -> Any:
        return value[start : start + size] if isinstance(value, torch.Tensor) else value

    return torch.cat(
        [
            network(
                images[start : start + size],
                *(part(each, start) for each in args),
                **{name: part(each, start) for name, each in kwargs.items()},
            )
            for start in range(0, count, size)
        ]
    )
