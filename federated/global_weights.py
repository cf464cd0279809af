"""The result of a federation as weights of the bundle."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from bundle.errors import InputError
from bundle.files import written_whole
from bundle.files.weights import read_weights
from federated.network import first_network


def save_global_weights(written: Path, path: Path, settings: Mapping[str, Any]) -> None:
    """Write NVFlare's global model as a plain state dict, each tensor of the type that it has in the bundle.

    NVFlare averages every tensor, and returns the integer counters of batch norm as float64.

    Args:
        written: NVFlare's file.
        path: the weights file to write.
        settings: keys of configs/train.json with which the federation trained.

    Raises:
        InputError: when `written` is missing, as after a federation that failed, or a variance is negative.
    """
    state = read_weights(written)
    # Weights of half precision, as the included ones, hold variances of 0, of channels that are always the same.
    impossible = [name for name, value in state.items() if name.endswith("running_var") and not (value >= 0).all()]
    if impossible:
        problem = f"has variances below 0 or not a number, as {impossible[0]}"
        raise InputError(problem, "let the sites send whole weights, not differences", written)
    kinds = {name: value.dtype for name, value in first_network(dict(settings)).state_dict().items()}
    with written_whole(path) as part:
        torch.save({name: state[name].to(kind) for name, kind in kinds.items()}, part)
