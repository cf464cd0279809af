"""Which layer the penultimate features go into."""

import pytest
import torch
from torch import nn
from torch.distributed import destroy_process_group, init_process_group
from torch.nn.parallel import DistributedDataParallel

from bundle.networks import ClinicalBranch, DoubleReading
from bundle.networks.penultimate import PenultimateFeatures, penultimate_layer
from tests.networks.tiny_classifier import tiny_classifier


@pytest.fixture
def alone(tmp_path):
    """A group of one process."""
    init_process_group("gloo", init_method=f"file://{tmp_path / 'meeting'}", rank=0, world_size=1)
    yield
    destroy_process_group()


def features_of(network, images, **more):
    with torch.no_grad(), PenultimateFeatures(network.eval()) as features:
        network(images, **more)
        return features.take(len(images))


def test_a_clinical_branch_has_no_part_in_the_features_of_the_image():
    network = tiny_classifier(num_classes=6, pyramid_channels=4, clinical=ClinicalBranch(["age", "weight"], [], 6))
    assert penultimate_layer(network) is network.head[-1]
    clinical = torch.ones(2, 2)
    features = features_of(network, torch.stack([torch.zeros(3, 32, 32), torch.rand(3, 32, 32)]), clinical=clinical)
    assert features.shape == (2, network.head[-1].in_features) and not torch.allclose(features[0], features[1])


@pytest.mark.usefixtures("alone")
def test_in_several_processes_the_features_are_those_of_the_same_layer():
    torch.manual_seed(0)
    both = DoubleReading(*(tiny_classifier(num_classes=6, pyramid_channels=4) for _ in range(2)), 1.0, 0.0).eval()
    images = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(features_of(DistributedDataParallel(both), images), features_of(both, images))
    assert penultimate_layer(DistributedDataParallel(both)) is both.first.head[-1]


def test_of_another_network_it_is_the_last_fully_connected_layer():
    network = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    assert penultimate_layer(network) is network[-1]
    with pytest.raises(ValueError, match="no fully connected layer"):
        penultimate_layer(nn.Conv2d(1, 1, 1))
