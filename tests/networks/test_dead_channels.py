import copy

import pytest
import torch
from monai.networks.blocks.squeeze_and_excitation import SEBlock
from monai.networks.nets import SEResNet50, SEResNext50
from torch import nn

from bundle.networks import DoubleReading, HemorrhageClassifier, without_dead_channels
from tests.networks.tiny_classifier import tiny_classifier

IMAGES = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def widths(network):
    """Return the channels between the convolutions of every SE block."""
    blocks = [each for each in network.modules() if isinstance(each, SEBlock)]
    return [(each.conv1.conv.out_channels, each.conv2.conv.out_channels) for each in blocks]


@pytest.fixture
def network():
    """An SE-ResNet50 in evaluation mode, whose batch norm has seen something."""
    torch.manual_seed(0)
    network = SEResNet50(spatial_dims=2, in_channels=3, num_classes=4)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.bias, 0.1, 0.2)
            nn.init.normal_(module.running_mean, 0.0, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval()


@torch.no_grad()
def kill(network, share):
    """Take a share of the weights' rows and of their columns, drawn apart, to 0 in every block."""
    for block in network.modules():
        if isinstance(block, SEBlock):
            for each in (block.conv1, block.conv2, block.conv3):
                for axis in (0, 1):
                    dead = torch.rand(each.conv.weight.shape[axis]) < share
                    each.conv.weight.transpose(0, axis)[dead] = 0


@torch.inference_mode()
def outputs(network):
    return network(IMAGES)


def test_what_is_left_computes_the_same_with_fewer_channels(network):
    kill(network, 0.7)
    before = copy.deepcopy(network.state_dict())
    narrow = without_dead_channels(network)
    torch.testing.assert_close(outputs(narrow), outputs(network), atol=1e-5, rtol=1e-5)
    assert sum(map(sum, widths(narrow))) < 0.4 * sum(map(sum, widths(network)))
    # What it was made of stays as it was.
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_channel_that_is_always_the_same_but_not_0_stays(network):
    first, second, _ = (getattr(network.layer3[1], f"conv{number}") for number in (1, 2, 3))
    with torch.no_grad():
        first.conv.weight.zero_()
        first.adn.N.bias.fill_(1.0)
        first.adn.N.running_mean.zero_()
        second.conv.weight[:, 40:] = 0
    narrow = without_dead_channels(network)
    assert narrow.layer3[1].conv1.conv.out_channels == 48  # 40, in whole sixteens
    torch.testing.assert_close(outputs(narrow), outputs(network), atol=1e-5, rtol=1e-5)


def test_of_a_block_without_any_life_something_is_left_to_compute(network):
    kill(network, 1.1)
    narrow = without_dead_channels(network)
    assert set(widths(narrow)) == {(16, 16)}
    torch.testing.assert_close(outputs(narrow), outputs(network), atol=1e-5, rtol=1e-5)


def test_a_network_whose_channels_live_or_are_grouped_is_copied_as_it_is(network):
    assert widths(without_dead_channels(network)) == widths(network)
    grouped = SEResNext50(spatial_dims=2, in_channels=3, num_classes=4).eval()
    kill(grouped, 0.7)
    assert widths(without_dead_channels(grouped)) == widths(grouped)
    tiny = tiny_classifier().eval()
    assert torch.equal(outputs(without_dead_channels(tiny)), outputs(tiny))


def test_both_of_two_readers_are_narrowed(network):
    readers = []
    for seed in range(2):
        torch.manual_seed(seed)
        backbone = copy.deepcopy(network)
        kill(backbone, 0.7)
        readers.append(HemorrhageClassifier(backbone, num_classes=6))
    both = DoubleReading(*readers, temperature=2.0, shift=0.1).eval()
    narrow = without_dead_channels(both)
    assert sum(map(sum, widths(narrow))) < sum(map(sum, widths(both))) / 2
    torch.testing.assert_close(outputs(narrow), outputs(both), atol=1e-5, rtol=1e-5)
