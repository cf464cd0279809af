"""Weights files: PyTorch state dicts."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from bundle.errors import InputError
from bundle.files.folders import writable_folder
from bundle.files.whole import written_whole

_REMEDY = "save one with torch.save(model.state_dict(), …)"


def read_weights(path: Path | str) -> dict[str, torch.Tensor]:
    """Return the state dict of a weights file, on the CPU.

    A dict that wraps it under ``state_dict``, ``model`` or ``network`` is opened, as is the state from which a training
    resumes; the prefixes of `torch.nn.parallel.DistributedDataParallel` and of a module that holds the network as its
    ``classifier`` are dropped.

    Raises:
        InputError: when the file is missing, is no weights file, or holds anything but tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("does not exist", "give the path of a .pt or .pth state dict", path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise InputError("is not a PyTorch state dict", _REMEDY, path) from error
    for wrapper in ("state_dict", "model", "network"):
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise InputError("holds no plain state dict", _REMEDY, path)
    for prefix in ("module.", "classifier."):
        if all(key.startswith(prefix) for key in content):  # torchvision's VGG has a classifier beside features
            content = {key.removeprefix(prefix): value for key, value in content.items()}
    return dict(content)


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
    with written_whole(path) as part:
        torch.save(state, part)
