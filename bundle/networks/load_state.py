"""Weights into a network, all of them or none."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from bundle.errors import InputError


def load_state(network: nn.Module, state: Mapping[str, torch.Tensor], path: Path | str) -> None:
    """Load a state dict into the network that it was saved of; what is in half precision becomes float32.

    Args:
        network: changed in place.
        state: with the names of the network itself, see `bundle.files.weights.read_weights`.
        path: of the file, for the sentence.

    Raises:
        InputError: when it is of another network, or of another size, number of windows, task or clinical features; or
            when a weight is not a number.
    """
    wanted = network.state_dict()
    missing, others = wanted.keys() - state.keys(), state.keys() - wanted.keys()
    if missing or others:
        raise InputError(
            f"does not fit this configuration: of the {len(wanted)} tensors of {type(network).__name__} it lacks "
            f"{len(missing)}, and it has {len(others)} others",
            "use the network and task with which it was trained, or another checkpoint",
            path,
        )
    for name, value in wanted.items():
        if state[name].shape != value.shape:
            has, wants = (" × ".join(map(str, shape)) or "one value" for shape in (state[name].shape, value.shape))
            raise InputError(
                f"does not fit this configuration: {name} is {has}, where {wants} is wanted",
                "use the task, windows and clinical features with which it was trained, or another checkpoint",
                path,
            )
    if broken := not_finite(network, state):
        raise InputError(
            f"holds weights that are not numbers ({broken[0]} and {len(broken) - 1} others)",
            "its training failed; give an earlier checkpoint, or train again with a lower learning rate",
            path,
        )
    try:
        network.load_state_dict(state)
    except InputError as error:  # of the task or the clinical features, which do not know the file
        raise InputError(error.problem, error.remedy, path) from error


def not_finite(network: nn.Module, state: Mapping[str, torch.Tensor]) -> list[str]:
    """Return the names of the weights and running statistics of a state dict that hold anything but finite numbers.

    Args:
        network: that the state dict is of.
        state: with all of its names.
    """
    # Other buffers may hold NaN on purpose, as those of the clinical branch.
    names = [name for name, _ in network.named_parameters()] + [name for name in state if "running_" in name]
    return [name for name in names if not state[name].isfinite().all()]
