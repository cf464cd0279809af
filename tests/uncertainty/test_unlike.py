"""What the penultimate features of a network say of images that are no head."""

import numpy as np
import pytest
import torch
from monai.networks.nets import SEResNet50
from torch import nn

from bundle.engines import MirroredInferer
from bundle.networks import HemorrhageClassifier
from bundle.networks.penultimate import PenultimateFeatures
from bundle.phantom.head import make_head
from bundle.transforms.window import window_hu
from bundle.uncertainty import fit_gaussian

SIZE = 64
WINDOWS = ((40, 80), (80, 200), (600, 2800))


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = HemorrhageClassifier(SEResNet50(spatial_dims=2, in_channels=3, num_classes=1), num_classes=6).eval()
    network.votes.data.zero_()  # what is left of the logits comes from the last layer
    return network


def features(network, planes):
    images = torch.stack([torch.stack([window_hu(plane, *each) for each in WINDOWS]) for plane in planes])
    with torch.no_grad(), PenultimateFeatures(network) as collected:
        for batch in images.split(16):
            network(batch)
    return collected.take(len(planes)).numpy()


def test_collects_what_goes_into_the_last_layer_and_leaves_no_hook(network):
    images = torch.rand(3, 3, SIZE, SIZE)
    with torch.no_grad(), PenultimateFeatures(network) as collected:
        logits = network(images)
        found = collected.take(3)
        MirroredInferer()(images, network)
        looked_twice = collected.take(3)
        network(images.flip(3))
        torch.testing.assert_close(looked_twice, (found + collected.take(3)) / 2)
    torch.testing.assert_close(network.head[-1](found), logits)
    with torch.no_grad():
        network(images)
    assert not network.head[-1]._forward_pre_hooks
    with pytest.raises(ValueError, match="Conv2d has no fully connected layer"):
        PenultimateFeatures(nn.Conv2d(1, 1, 1))


def test_what_is_no_head_lies_farther_than_held_out_phantoms(network):
    generator = np.random.default_rng(0)
    heads = [torch.as_tensor(np.asarray(make_head(seed, slices=6, size=SIZE).image)).float() for seed in range(10)]
    known = fit_gaussian(features(network, torch.cat(heads[:7])))
    held_out = known.distances(features(network, torch.cat(heads[7:])))
    odd = {
        "noise": generator.normal(30, 40, (4, SIZE, SIZE)),
        "constant": np.full((1, SIZE, SIZE), 40.0),
        "inverted": -heads[7].numpy(),
    }
    for name, planes in odd.items():
        distances = known.distances(features(network, torch.as_tensor(planes).float()))
        assert np.mean(distances[:, None] > held_out[None]) > 0.9, name
