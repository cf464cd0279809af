"""Weights files: PyTorch state dicts."""

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bundle.errors import InputError
from bundle.files.folders import writable_folder
from bundle.files.whole import written_whole

_REMEDY = "save one with torch.save(model.state_dict(), …)"
TASK = "task"
"""Under which the metadata of a state dict name the task of the network, a key of `bundle.labels.CLASSES`."""
VIEW = "view"
"""Under which they name how its training showed it slices, see `bundle.networks.task_check.VIEW_KEYS`."""
_PREFIXES = ("module.", "_orig_mod.", "classifier.")


def read_checkpoint(path: Path | str, map_location: torch.device | str | dict[str, str] | None = "cpu") -> Any:
    """Return what `torch.save` wrote, in the format of any version of PyTorch; nothing but tensors and plain values.

    Raises:
        InputError: when the file is missing or damaged, is none of PyTorch's, or would run code when it is loaded.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("does not exist", "train first, or give the path of another checkpoint", path)
    try:
        return torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        whole = "is no PyTorch checkpoint of tensors and plain values alone"
        raise InputError(whole, _REMEDY, path) from error
    except (RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise InputError("is not a whole PyTorch checkpoint", "copy it again, or give another file", path) from error


def read_weights(path: Path | str) -> dict[str, torch.Tensor]:
    """Return the state dict of a weights file, on the CPU.

    A dict that wraps it under ``state_dict``, ``model`` or ``network`` is opened, as is the state from which a training
    resumes; the prefixes of `torch.nn.parallel.DistributedDataParallel`, of `torch.compile` and of a module that holds
    the network as its ``classifier`` are dropped. Its task and view stay with it, see `named_as`.

    Raises:
        InputError: as `read_checkpoint`, or when the file holds anything but tensors.
    """
    content = read_checkpoint(path)
    for wrapper in ("state_dict", "model", "network"):
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise InputError("holds no plain state dict", _REMEDY, Path(path))
    return named_as(without_prefixes(content), content)


def weights_task(state: Mapping[str, torch.Tensor]) -> str | None:
    """Return the task that a state dict's metadata name, see `bundle.networks.for_task`; None where they name none.

    Example:
        >>> weights_task({"fc.weight": torch.zeros(1)}) is None
        True
    """
    return _named(state, TASK)


def named_as(state: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return a state dict with metadata that name the task and the view that those of another name, if any.

    Example:
        >>> state = {"fc.weight": torch.zeros(1)}
        >>> weights_task(named_as(state, state)) is None
        True
    """
    named = OrderedDict(state)
    known = {name: value for name in (TASK, VIEW) if (value := _named(other, name)) is not None}
    if known:
        named._metadata = OrderedDict({"": known})  # type: ignore[attr-defined]  # where PyTorch has them
    return named


def _named(state: Mapping[str, torch.Tensor], name: str) -> Any:
    metadata = getattr(state, "_metadata", {})
    return next((each[name] for each in metadata.values() if name in each), None)


def without_prefixes(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return a state dict with the names of the network itself, without those of what it was wrapped in.

    Example:
        >>> without_prefixes({"module._orig_mod.fc.weight": torch.zeros(1)})
        {'fc.weight': tensor([0.])}
    """
    state = dict(state)
    # torchvision's VGG has a classifier beside features, so a prefix must be that of every name.
    while state and (prefix := next((each for each in _PREFIXES if all(name.startswith(each) for name in state)), "")):
        state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def save_weights(network: nn.Module | Mapping[str, torch.Tensor], path: Path | str) -> None:
    """Write a network's state dict in half precision, which halves the file and changes no result visibly.

    The task and the view stay with it, see `named_as`.

    Args:
        network: or its state dict.
        path: of the file, which is replaced once the new one is whole.

    Raises:
        InputError: when the folder cannot be written to.
        ValueError: when a value is beyond half precision.
    """
    path = Path(path)
    writable_folder(path.parent)
    whole = network.state_dict() if isinstance(network, nn.Module) else network
    state = {
        name: value.detach().cpu().half() if value.is_floating_point() else value.cpu() for name, value in whole.items()
    }
    for name, value in state.items():
        if not value.isfinite().all():
            raise ValueError(f"{name} holds values beyond half precision, so {path} was not written")
    with written_whole(path) as part:
        torch.save(named_as(state, whole), part)
