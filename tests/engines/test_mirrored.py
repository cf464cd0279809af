import torch
from torch import nn

from bundle.engines import MirroredInferer
from bundle.engines.mirrored import CPU_BATCH
from bundle.networks.penultimate import PenultimateFeatures


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


def test_many_images_go_few_at_a_time_with_their_further_inputs_and_features_in_their_places():
    images, more = torch.rand(CPU_BATCH + 3, 1, 3, 4), torch.rand(CPU_BATCH + 3, 1)
    sizes = []

    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.last = nn.Linear(12, 2)

        def forward(self, image, extra, *, scale, factor):
            sizes.append((len(image), len(extra), len(scale)))
            return self.last(image.flatten(1)) * extra * scale * factor

    network = Small()
    expected = (network.last(images.flatten(1)) + network.last(images.flip(3).flatten(1))) / 2 * more * more * 2
    with torch.inference_mode(), PenultimateFeatures(network) as features:
        found = MirroredInferer()(images, network, more, scale=more, factor=2)
        seen = features.take(len(images))
    assert sizes == [(CPU_BATCH,) * 3, (3,) * 3] * 2
    assert torch.allclose(found, expected, atol=1e-6)
    assert torch.allclose(seen, (images + images.flip(3)).flatten(1) / 2)
