"""The network with which a federation begins."""

from pathlib import Path

import torch
from monai.bundle import ConfigParser
from torch import nn

from bundle.files.weights import read_weights
from bundle.networks import load_state

CONFIG = Path(__file__).parents[1] / "configs" / "train.json"


def first_network(settings: dict[str, object], pretrained: str | None = None, seed: int = 0) -> nn.Module:
    """Return the network that `configs/train.json` defines, on the CPU.

    NVFlare's server makes it from its name and arguments, which must therefore be values of JSON.

    Args:
        settings: keys of the config, as ``{"image_size": 96}``; all sites must use the same.
        pretrained: weights of this network to begin with; random weights when None.
        seed: of the random weights.

    Raises:
        InputError: when `pretrained` cannot be read or is of another network.
    """
    torch.manual_seed(seed)
    parser = ConfigParser(ConfigParser.load_config_file(str(CONFIG)))
    parser.update(settings)
    network = parser.get_parsed_content("network_def")
    if pretrained is not None:
        load_state(network, read_weights(pretrained), pretrained)
    return network
