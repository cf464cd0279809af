import torch
from torch import nn

from bundle.engines import MirroredInferer


def test_the_mean_of_both_views():
    images = torch.arange(12.0).reshape(1, 1, 3, 4)
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    expected = (network(images) + network(images.flip(3))) / 2
    assert torch.allclose(MirroredInferer()(images, network), expected)
    assert torch.allclose(MirroredInferer()(images.flip(3), network), expected), "left and right are alike"


def test_further_inputs_go_with_both():
    images, more = torch.rand(2, 1, 3, 3), torch.rand(2, 1)
    assert torch.allclose(
        MirroredInferer()(images, lambda image, extra: image.mean((2, 3)) * extra, more), images.mean((2, 3)) * more
    )
