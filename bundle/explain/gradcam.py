"""Grad-CAM of a batch of slices (Selvaraju et al., https://arxiv.org/abs/1610.02391), by MONAI's `GradCAM`."""

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import torch
from monai.visualize import GradCAM
from torch import nn

from bundle.labels import ANY, CLASSES, NORMAL


def bleed_class(probabilities: np.ndarray, task: str) -> int:
    """Return the index of the bleed class with the highest of `probabilities` [C]: the one worth explaining.

    *Normal* is never chosen, and *any* only where it is the network's one bleed class.
    """
    candidates = [index for index, name in enumerate(CLASSES[task]) if name not in (NORMAL, ANY)]
    return max(candidates, key=lambda index: probabilities[index])


def gradcam(
    network: nn.Module, images: torch.Tensor, classes: Sequence[int], layer: str, batch_size: int = 32
) -> np.ndarray:
    """Return for each image where the network saw the evidence for the class given.

    Args:
        network: the classifier; it is copied, so that no hook stays behind.
        images: [N, C, H, W] float32 in [0, 1], on any device.
        classes: index of the class to explain, one an image.
        layer: name of the module whose activations are weighted, for instance "conv".
        batch_size: images a forward pass.

    Returns:
        [N, H, W] float32 in [0, 1], 1 at each image's strongest evidence, all 0 where there is none.

    Raises:
        ValueError: when the network has no module of that name.
    """
    if layer not in dict(network.named_modules()):
        raise ValueError(f"the network has no layer {layer!r} for Grad-CAM; choose one of its named_modules()")
    # The gradients of the weights and below the layer are most of the work, and nobody asks for them.
    frozen = deepcopy(network).eval().requires_grad_(False)
    frozen.get_submodule(layer).register_forward_pre_hook(
        lambda _, inputs: tuple(each.requires_grad_() for each in inputs)
    )
    # MONAI's default postprocessing flips high and low; the raw map is scaled below instead.
    explainer = GradCAM(frozen, target_layers=layer, postprocessing=lambda heat: heat)
    device = next(network.parameters()).device
    heat = np.zeros((len(images), *images.shape[-2:]), dtype=np.float32)
    indices = np.asarray(classes)
    for class_index in np.unique(indices):
        members = np.flatnonzero(indices == class_index)
        for start in range(0, len(members), batch_size):
            batch = members[start : start + batch_size]
            maps = explainer(images[batch].to(device), class_idx=int(class_index))
            heat[batch] = maps[:, 0].numpy(force=True)
    peak = heat.max(axis=(1, 2), keepdims=True)
    return np.divide(heat, peak, out=np.zeros_like(heat), where=peak > 0)
