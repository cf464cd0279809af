"""The deletion curve: how fast the probability falls when the image is blackened, strongest evidence first.

Petsiuk et al., RISE: Randomized input sampling for explanation of black-box models, https://arxiv.org/abs/1806.07421.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

STEPS = 10
"""Parts of what is seen that are blackened one after the other."""
CELLS = 8
"""Cells across a random map, about as many as a map of the network's last layer has at 256 pixels."""


def deletion_curve(
    network: nn.Module,
    image: torch.Tensor,
    class_index: int,
    heat: np.ndarray,
    activate: Callable[[torch.Tensor], torch.Tensor],
    rng: np.random.Generator,
    extra: Mapping[str, torch.Tensor] | None = None,
) -> list[float]:
    """Return the probability of a class after 0, 1, …, `STEPS` parts of the seen pixels were blackened.

    Args:
        network: the classifier, in evaluation mode.
        image: [C, S, S] float32 in [0, 1]; what is black in all channels is not seen, and not counted.
        class_index: of the class.
        heat: [S, S]; the highest goes first, and of equals any.
        activate: from logits [B, C] to probabilities.
        rng: decides among equals.
        extra: further inputs of the network by name, [1, ...] each.
    """
    device = next(network.parameters()).device
    image = image.to(device)
    seen = torch.nonzero((image > 0).any(dim=0).flatten())[:, 0]
    values = heat.ravel()[seen.numpy(force=True)]
    order = np.lexsort((rng.random(len(values)), -values))
    ends = np.linspace(0, len(order), STEPS + 1).round().astype(int)
    images = image.repeat(STEPS + 1, 1, 1, 1)
    for step, end in enumerate(ends):
        images[step].flatten(1)[:, seen[torch.from_numpy(order[:end]).to(device)]] = 0
    inputs = {name: each.to(device).repeat_interleave(STEPS + 1, 0) for name, each in (extra or {}).items()}
    with torch.no_grad():
        return activate(network(images, **inputs))[:, class_index].tolist()


def random_map(size: int, rng: np.random.Generator) -> np.ndarray:
    """Return a smooth random map [S, S], with which an explanation is compared.

    Pixels blackened one by one at random would leave a pattern of holes that no explanation leaves, and to which a
    network answers however little was taken; blobs of the size of a Grad-CAM's are the fair rival.
    """
    cells = torch.from_numpy(rng.random((1, 1, CELLS, CELLS), dtype=np.float32))
    return F.interpolate(cells, (size, size), mode="bilinear")[0, 0].numpy()


def area(curve: list[float]) -> float:
    """Return the area under a deletion curve over the share of pixels from 0 to 1: low for a good explanation."""
    return float(np.trapezoid(curve, dx=1 / (len(curve) - 1)))
