"""Where the network saw the evidence, by MONAI's own classes.

``gradcam`` is Grad-CAM (Selvaraju et al., https://arxiv.org/abs/1610.02391), ``gradcam++`` Grad-CAM++ (Chattopadhay et
al., https://arxiv.org/abs/1710.11063), ``occlusion`` how much the logit falls when a patch is darkened (Zeiler &
Fergus, https://arxiv.org/abs/1311.2901).
"""

import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from monai.networks.utils import eval_mode
from monai.visualize import GradCAM, GradCAMpp, OcclusionSensitivity
from torch import nn

from bundle.errors import InputError
from bundle.pictures.heat_map import EVIDENCE, heat_of_evidence, scaled

METHODS = ("gradcam", "gradcam++", "occlusion")
PATCHES = 8
"""Patches side by side across an image that is occluded; they overlap by half."""


def heat_maps(
    network: nn.Module,
    images: torch.Tensor,
    classes: Sequence[int],
    layer: str,
    method: str = "gradcam",
    extra: Mapping[str, torch.Tensor] | None = None,
    batch_size: int = 32,
) -> np.ndarray:
    """Return for each image where the network saw the evidence for the class given.

    Args:
        network: the classifier; no hook stays behind, and what it trains is not touched.
        images: [N, C, H, W] float32 in [0, 1], on any device.
        classes: index of the class to explain, one an image.
        layer: name of the module whose activations are weighted, for instance "conv"; occlusion needs none.
        method: one of `METHODS`, or `EVIDENCE`: the map that the network itself draws of any bleed, whichever class is
            given; of `bundle.networks.HemorrhageClassifier` with a pyramid what Grad-CAM shows at its ``evidence``, but
            without gradients, which exported files do not have.
        extra: further inputs of the network by name, each [N, ...].
        batch_size: images a forward pass.

    Returns:
        [N, H, W] float32 in [0, 1], 1 at each image's strongest evidence, all 0 where there is none.

    Raises:
        InputError: for another method, or when the network has no module of that name.
    """
    require_explainable(network, layer, method)
    if method == EVIDENCE:
        return heat_of_evidence(_evidence(network, images.to(_device(network)), batch_size), *images.shape[-2:])
    device = _device(network)
    images, extra = images.to(device), {name: each.to(device) for name, each in (extra or {}).items()}
    frozen = _frozen(network)
    if method == "occlusion":
        heat = _occlusion(frozen, images, classes, extra, batch_size)
    else:
        heat = _activation_maps(frozen, images, classes, layer, method, extra, batch_size)
    return scaled(heat)


def require_explainable(network: nn.Module, layer: str, method: str) -> None:
    """Check what can be known of an explanation before any image is.

    Args:
        network: see `heat_maps`, as the others.
        layer: name of a module.
        method: how it is explained.

    Raises:
        InputError: for another method, when the network has no module of that name, or draws no map of evidence.
    """
    if method not in (*METHODS, EVIDENCE):
        raise InputError(f"the explanation must be one of {', '.join((*METHODS, EVIDENCE))}, got {method!r}")
    if method.startswith("gradcam") and layer not in dict(network.named_modules()):
        parts = ", ".join(name for name, _ in network.named_children())
        raise InputError(f"the network has no layer {layer!r} for Grad-CAM", f"name {parts} or a module in one of them")
    # A classifier without a pyramid has the method, and nothing that draws.
    if method == EVIDENCE and (not hasattr(network, "evidence_map") or getattr(network, "evidence", True) is None):
        raise InputError(
            f"the network {type(network).__name__} draws no map of evidence", f"choose {', '.join(METHODS)}"
        )


def _device(network: nn.Module) -> torch.device:
    """Return where the weights of a network are; exported files, which have none, compute on the CPU."""
    return next((each.device for each in network.parameters()), torch.device("cpu"))


def _evidence(network: nn.Module, images: torch.Tensor, batch_size: int) -> np.ndarray:
    """Return the network's own map, [N, h, w]."""
    draw: Any = network.evidence_map
    with eval_mode(network):
        maps = torch.cat([draw(part) for part in images.split(batch_size)])
    return maps[:, 0].numpy(force=True)


def _frozen(network: nn.Module) -> nn.Module:
    """Return other modules with the same weights, which hooks may be attached to.

    Gradients of the weights, which nobody asks for, would be most of the work. A copy of the weights would need as much
    memory again, and its time for each head of an inference.
    """
    shared: dict[int, Any] = {
        id(each): nn.Parameter(each.detach(), requires_grad=False) for each in network.parameters()
    }
    shared |= {id(each): each for each in network.buffers()}
    return deepcopy(network, shared).eval()


def _activation_maps(
    network: nn.Module,
    images: torch.Tensor,
    classes: Sequence[int],
    layer: str,
    method: str,
    extra: Mapping[str, torch.Tensor],
    batch_size: int,
) -> np.ndarray:
    network.get_submodule(layer).register_forward_pre_hook(
        lambda _, inputs: tuple(each.requires_grad_() for each in inputs)
    )
    # MONAI's default postprocessing flips high and low; the raw map is scaled by the caller instead.
    kind = GradCAM if method == "gradcam" else GradCAMpp
    explainer = kind(network, target_layers=layer, postprocessing=lambda heat: heat)
    heat = np.zeros((len(images), *images.shape[-2:]), dtype=np.float32)
    indices = np.asarray(classes)
    for class_index in np.unique(indices):
        members = np.flatnonzero(indices == class_index)
        # MONAI's Grad-CAM++ multiplies by exp(score) with no thought of a batch, so that images go one by one.
        size = batch_size if method == "gradcam" else 1
        for start in range(0, len(members), size):
            batch = members[start : start + size]
            inputs = {name: each[batch] for name, each in extra.items()}
            heat[batch] = explainer(images[batch], class_idx=int(class_index), **inputs)[:, 0].numpy(force=True)
    return heat


def _occlusion(
    network: nn.Module,
    images: torch.Tensor,
    classes: Sequence[int],
    extra: Mapping[str, torch.Tensor],
    batch_size: int,
) -> np.ndarray:
    patch = [max(1, side // PATCHES) for side in images.shape[-2:]]
    explainer = OcclusionSensitivity(
        network, mask_size=patch, n_batch=batch_size, overlap=0.5, activate=False, verbose=False
    )
    heat = np.zeros((len(images), *images.shape[-2:]), dtype=np.float32)
    with torch.no_grad(), warnings.catch_warnings():
        # MONAI 1.6.1 indexes tensors by lists of slices.
        warnings.filterwarnings("ignore", "Using a non-tuple sequence", UserWarning)
        for index, class_index in enumerate(classes):
            image, inputs = images[index : index + 1], {name: each[index : index + 1] for name, each in extra.items()}
            whole = network(image, **inputs)[0, class_index]
            # MONAI repeats the image for each patch, but not the further inputs, which are given as they are.
            explainer.nn_module = _Repeated(network, inputs).eval()
            occluded, _ = explainer(image)
            heat[index] = (whole - occluded[0, class_index]).clamp(min=0).numpy(force=True)
    return heat


class _Repeated(nn.Module):
    """A network with further inputs [1, ...] that are the same for every image of a batch."""

    def __init__(self, network: nn.Module, extra: Mapping[str, torch.Tensor]) -> None:
        super().__init__()
        self.network, self.extra = network, extra

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.network(
            images, **{name: each.repeat_interleave(len(images), 0) for name, each in self.extra.items()}
        )
