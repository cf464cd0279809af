import pytest
import torch
from monai.networks.nets import SEResNet50

from bundle.labels import UNKNOWN
from bundle.losses import HemorrhageLoss, WithLesionMaps
from bundle.networks import HemorrhageClassifier, LesionMaps


@pytest.fixture(scope="module")
def maps():
    torch.manual_seed(0)
    return LesionMaps(HemorrhageClassifier(SEResNet50(spatial_dims=2, in_channels=3, num_classes=1), num_classes=6))


@pytest.fixture
def batch():
    torch.manual_seed(1)
    lesion = torch.zeros(2, 1, 64, 64)
    lesion[0, 0, 16:32, 8:24] = 1
    return torch.rand(2, 3, 64, 64), lesion


def test_logits_are_the_classifiers(maps, batch):
    maps.eval()
    images, lesion = batch
    assert torch.allclose(maps(images, lesion=lesion), maps.classifier(images), atol=1e-5)
    assert torch.allclose(maps(images), maps.classifier(images), atol=1e-5), "validation has no maps"


def test_the_loss_is_less_where_the_map_is_right(maps, batch):
    maps.eval()
    images, lesion = batch
    maps(images, lesion=lesion)
    before = maps.lesion_loss.item()
    maps.train()
    optimizer = torch.optim.Adam(maps.parameters(), lr=1e-3)
    for _ in range(8):
        optimizer.zero_grad()
        maps(images, lesion=lesion)
        maps.lesion_loss.backward()
        optimizer.step()
    assert maps.lesion_loss.item() < 0.7 * before
    assert all(layer.conv1.conv.weight.grad.any() for layer in maps.classifier.features.layer4)


def test_what_is_unknown_counts_for_nothing(maps, batch):
    images, lesion = batch
    maps.eval()
    lesion[1] = UNKNOWN
    maps(images, lesion=lesion)
    first = maps.lesion_loss.item()
    maps(images[:1], lesion=lesion[:1])
    assert maps.lesion_loss.item() == pytest.approx(first, rel=1e-4)
    maps(images, lesion=torch.full_like(lesion, UNKNOWN))
    assert maps.lesion_loss.item() == 0


def test_the_losses_are_added(maps, batch):
    maps.eval()
    labels = torch.tensor([[0, 1, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0]])
    classification = HemorrhageLoss("subtype")
    images, lesion = batch
    logits = maps(images, lesion=lesion)
    both = WithLesionMaps(classification, maps, weight=0.5)
    expected = classification(logits, labels) + 0.5 * maps.lesion_loss
    assert both(logits, labels).item() == pytest.approx(expected.item())
    assert not list(both.parameters())
