"""Weights as small as they can be shipped."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from bundle.files import writable_folder


def save_weights(network: nn.Module | Mapping[str, torch.Tensor], path: Path | str) -> None:
    """Write a network's state dict in half precision, which halves the file and changes no result visibly.

    Args:
        network: or its state dict.
        path: of the file, which is replaced once the new one is whole.

    Raises:
        InputError: when the folder cannot be written to.
        ValueError: when a value is beyond half precision.
    """
    path = Path(path)
    writable_folder(path.parent)
    state = {
        name: value.detach().cpu().half() if value.is_floating_point() else value.cpu()
        for name, value in (network.state_dict() if isinstance(network, nn.Module) else network).items()
    }
    for name, value in state.items():
        if not value.isfinite().all():
            raise ValueError(f"{name} holds values beyond half precision, so {path} was not written")
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)
