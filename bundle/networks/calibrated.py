"""A calibration that needs no step of its own after the network."""

from collections.abc import Mapping

import torch

from bundle.errors import InputError
from bundle.files.weights import named_as
from bundle.networks.classifier import HemorrhageClassifier


def calibrated_weights(
    state: Mapping[str, torch.Tensor], temperature: float, shift: float, name: str
) -> dict[str, torch.Tensor]:
    """Return weights of a `bundle.networks.HemorrhageClassifier` that give calibrated logits.

    Args:
        state: the state dict, without a clinical branch, whose part of the logits is not in the last layer.
        temperature: by which the logits are divided, see `bundle.calibration.fit_bias_corrected`.
        shift: that is then added to the first logit.
        name: of the checkpoint, for the error.

    Raises:
        InputError: when the weights are of another network.
    """
    try:
        scaled = HemorrhageClassifier.last_tensors(state)
    except ValueError:
        raise InputError(
            "is not of the SE-ResNet50 with a deeper head and no clinical features, into which alone a calibration "
            "can be written",
            "leave out --predictions",
            name,
        ) from None
    result = {**state, **{key: state[key].float() / temperature for key in scaled}}
    _, bias, _ = scaled
    result[bias][0] += shift
    return named_as(result, state)
