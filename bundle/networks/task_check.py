"""The task of a network and how its training showed it slices, which travel with its weights.

The tasks subtype and multilabel have as many outputs, in another order: weights of one fit a network of the other. So
do weights that were trained on images through other windows, or without the brain mask.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from torch import nn

from bundle.command import running_parser
from bundle.errors import InputError
from bundle.files.weights import TASK, VIEW

Network = TypeVar("Network", bound=nn.Module)

VIEW_KEYS = ("image_size", "windows", "mask", "standardise")
"""What of `bundle.predictions.View` a training decides, under the names of the configs."""

logger = logging.getLogger(__name__)


def for_task(network: Network, task: str) -> Network:
    """Return the network, whose state dicts name task and view from here on, and which loads those of no other.

    They stand in the metadata that PyTorch keeps with a state dict, see `bundle.files.weights.named_as`, so that the
    weights are the same tensors under the same names. Weights without them are loaded as ever. The view is that of the
    config that is being parsed; outside of a config none is named or compared. Another `image_size` is told in the log
    and not refused: the network takes any, and its results at another can be wanted.

    Args:
        network: changed in place.
        task: a key of `bundle.labels.CLASSES`.
    """
    view = _configured_view()
    network.register_state_dict_post_hook(partial(_name, task, view))
    network.register_load_state_dict_pre_hook(partial(_compare, task, view))
    return network


def _configured_view() -> dict[str, Any]:
    try:
        parser = running_parser()
    except LookupError:
        return {}
    return {key: _plain(parser.get_parsed_content(key)) for key in VIEW_KEYS if key in parser.get()}


def _plain(value: Any) -> Any:
    """Return windows with numbers of one kind, whatever a config writes them as; anything else as it is."""
    return [[float(each) for each in window] for window in value] if isinstance(value, list | tuple) else value


def _name(
    task: str, view: Mapping[str, Any], module: nn.Module, state: Mapping[str, Any], prefix: str,
    metadata: dict[str, Any],
) -> None:  # fmt: skip
    metadata[TASK] = task
    if view:
        metadata[VIEW] = dict(view)


def _compare(
    task: str, view: Mapping[str, Any], module: nn.Module, state: Mapping[str, Any], prefix: str,
    metadata: Mapping[str, Any], *others: object,
) -> None:  # fmt: skip
    found = metadata.get(TASK, task)
    if found != task:
        raise InputError(
            f"is of the task {found}, and the configuration of the task {task}",
            "use the task with which it was trained, or another checkpoint",
        )
    trained = metadata.get(VIEW, {})
    for key in (each for each in VIEW_KEYS if each in view and each in trained and trained[each] != view[each]):
        if key == "image_size":
            logger.warning(
                "the weights were trained with the image_size %s, and are used with %s: their results are others",
                trained[key], view[key],
            )  # fmt: skip
            continue
        raise InputError(
            f"was trained with {key} {trained[key]}, and the configuration has {view[key]}",
            f"use the {key} with which it was trained, or another checkpoint",
        )
