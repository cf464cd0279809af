"""A temperature that needs no step of its own after the network."""

from collections.abc import Mapping

import torch

from bundle.errors import InputError

_LAST = {"head.6.weight", "head.6.bias", "votes"}


def divide_logits(state: Mapping[str, torch.Tensor], temperature: float, name: str) -> dict[str, torch.Tensor]:
    """Return weights of a `bundle.networks.HemorrhageClassifier` that give the logits of `state` by a temperature.

    Args:
        state: the state dict, without a clinical branch, whose part of the logits is not in the last layer.
        temperature: above 0, see `bundle.calibration.fit_temperature`.
        name: of the checkpoint, for the error.

    Raises:
        InputError: when the weights are of another network.
    """
    if not state.keys() >= _LAST or any(key.startswith("clinical.") for key in state):
        raise InputError(
            f"{name} is not of the SE-ResNet50 with a deeper head and no clinical features, into which alone a "
            "temperature can be written; leave out --predictions"
        )
    return {**state, **{key: state[key].float() / temperature for key in _LAST}}
