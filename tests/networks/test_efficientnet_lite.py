"""The backbone for small machines."""

import re

import pytest
import torch
from monai.bundle import ConfigParser
from torch import nn

from bundle.errors import InputError
from bundle.networks import EfficientNetLite0, HemorrhageClassifier, load_pretrained

CHANNELS = (40, 112, 1280)


@pytest.fixture(scope="module")
def classifier(root):
    torch.manual_seed(0)
    configs = [root / "configs" / name for name in ("train.json", "model_edge.json")]
    return ConfigParser(ConfigParser.load_config_files(configs)).get_parsed_content("network_def").eval()


def test_has_the_parameters_of_the_published_network():
    """4,652,008 are Lite0's with its last layer, of 1,000 classes of 1,280 features."""
    assert sum(each.numel() for each in EfficientNetLite0().parameters()) == 4_652_008 - 1_000 * (1_280 + 1)


def test_has_neither_swish_nor_dropped_connections():
    kinds = {type(each).__name__ for each in EfficientNetLite0().modules()}
    assert "ReLU6" in kinds and not any("wish" in kind for kind in kinds)
    torch.manual_seed(0)
    network, images = EfficientNetLite0().train(), torch.rand(2, 3, 64, 64)
    stages = nn.Sequential(*network.children())
    assert torch.equal(stages(images), stages(images))


@pytest.mark.parametrize("size", [64, 160])
def test_the_last_layers_have_an_eighth_a_sixteenth_and_a_32nd_of_the_size(size):
    maps, shapes = torch.rand(1, 3, size, size), []
    for layer in EfficientNetLite0().eval().children():
        maps = layer(maps)
        shapes.append(tuple(maps.shape[1:]))
    wanted = [(count, size // step, size // step) for count, step in zip(CHANNELS, (8, 16, 32), strict=True)]
    assert shapes[-3:] == wanted


def test_the_overlay_makes_the_small_classifier(classifier):
    assert isinstance(classifier, HemorrhageClassifier) and classifier.standardised
    assert sum(each.numel() for each in classifier.parameters()) < 4.2e6
    with torch.no_grad():
        assert classifier(torch.rand(2, 3, 96, 96)).shape == (2, 6)
        assert classifier.evidence_map(torch.rand(1, 3, 96, 96)).shape == (1, 1, 12, 12)


def test_weights_of_imagenet_fit_under_the_names_of_their_package(classifier, tmp_path):
    ours = {name: value for name, value in classifier.state_dict().items() if name.startswith("features.")}
    theirs = {re.sub(r"^features\.layer\d\.", "", name): torch.full_like(value, 3) for name, value in ours.items()}
    assert len(theirs) == len(ours)
    assert {"_conv_stem.weight", "_bn0.bias", "_blocks.0._depthwise_conv.weight", "_blocks.15._bn2.running_var",
            "_conv_head.weight", "_bn1.weight"} <= set(theirs)  # fmt: skip
    path = tmp_path / "lite0.pth"
    torch.save(theirs | {"_fc.weight": torch.zeros(1000, 1280), "_fc.bias": torch.zeros(1000)}, path)
    report = load_pretrained(classifier, path)
    assert sorted(report.matched) == sorted(ours) and report.unused == ["_fc.weight", "_fc.bias"]
    assert classifier.features.layer3[0][2]._bn1.weight.unique().tolist() == [3]
    torch.save({name: value for name, value in theirs.items() if "_blocks" not in name}, path)
    with pytest.raises(InputError, match="holds another network: only 1"):
        load_pretrained(classifier, path)
