"""The task of a network, which travels with its weights.

The tasks subtype and multilabel have as many outputs, in another order: weights of one fit a network of the other.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from torch import nn

from bundle.errors import InputError
from bundle.files.weights import TASK

Network = TypeVar("Network", bound=nn.Module)


def for_task(network: Network, task: str) -> Network:
    """Return the network, whose state dicts name the task from here on, and which loads those of no other task.

    The task stands in the metadata that PyTorch keeps with a state dict, see `bundle.files.weights.weights_task`, so
    that the weights are the same tensors under the same names. Weights without it are loaded as ever.

    Args:
        network: changed in place.
        task: a key of `bundle.labels.CLASSES`.
    """
    network.register_state_dict_post_hook(partial(_name, task))
    network.register_load_state_dict_pre_hook(partial(_compare, task))
    return network


def _name(task: str, module: nn.Module, state: Mapping[str, Any], prefix: str, metadata: dict[str, Any]) -> None:
    metadata[TASK] = task


def _compare(
    task: str, module: nn.Module, state: Mapping[str, Any], prefix: str, metadata: Mapping[str, Any], *others: object
) -> None:
    found = metadata.get(TASK, task)
    if found != task:
        raise InputError(
            f"is of the task {found}, and the configuration of the task {task}",
            "use the task with which it was trained, or another checkpoint",
        )
