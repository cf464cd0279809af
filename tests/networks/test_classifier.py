import pytest
import torch
from monai.networks.nets import SEResNet50

from bundle.explain import heat_maps
from bundle.networks import HemorrhageClassifier
from bundle.networks.classifier import standardise
from bundle.transforms import window_hu


@pytest.fixture(scope="module")
def classifier() -> HemorrhageClassifier:
    torch.manual_seed(0)
    return HemorrhageClassifier(SEResNet50(spatial_dims=2, in_channels=3, num_classes=1), num_classes=6).eval()


@pytest.mark.parametrize("shape", [(1, 3, 64, 64), (2, 3, 96, 64)])
def test_gives_one_logit_a_class(classifier, shape):
    with torch.no_grad():
        logits = classifier(torch.rand(shape))
    assert logits.shape == (shape[0], 6)
    assert not torch.allclose(logits.exp().sum(1), torch.ones(shape[0])), "logits, not probabilities"


def test_features_are_those_of_the_backbone():
    torch.manual_seed(0)
    backbone = SEResNet50(spatial_dims=2, in_channels=3, num_classes=1).eval()
    classifier = HemorrhageClassifier(backbone, num_classes=2).eval()
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(classifier.features(image), backbone.features(image))
    assert not any("last_linear" in name for name in classifier.state_dict())


def test_stays_channels_last_after_loading(classifier):
    classifier.load_state_dict({name: value.contiguous() for name, value in classifier.state_dict().items()})
    weight = classifier.features.layer1[0].conv2.conv.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not weight.is_contiguous()


def test_gradients_reach_every_parameter(classifier):
    classifier(torch.rand(2, 3, 64, 64)).sum().backward()
    assert [name for name, value in classifier.named_parameters() if value.grad is None] == []


def test_standardised_tissue_looks_alike_through_every_window():
    hu = torch.linspace(5, 70, 256).reshape(1, 1, 16, 16)
    seen = torch.cat([window_hu(hu, level, width) for level, width in ((40.0, 80.0), (36.0, 90.0), (40.0, 150.0))])
    same = standardise(seen)
    assert torch.allclose(same[0], same[1], atol=0.02) and torch.allclose(same[0], same[2], atol=0.02)
    assert same.mean((1, 2, 3)).abs().max() < 1e-4 and (same.std((1, 2, 3)) - 1).abs().max() < 0.05


def test_black_and_white_do_not_shift_the_tissue():
    image = 0.3 + 0.2 * torch.rand(1, 1, 16, 16)
    framed = torch.nn.functional.pad(torch.nn.functional.pad(image, [2] * 4, value=1.0), [3] * 4)
    inner = standardise(framed)[..., 5:-5, 5:-5]
    assert torch.allclose(inner, standardise(image), atol=1e-5)
    assert not standardise(framed)[framed == 0].any()
    assert torch.isfinite(standardise(torch.zeros(1, 3, 8, 8))).all()


def test_gradcam_at_the_evidence_shows_where_it_is_highest(classifier):
    images = torch.rand(2, 3, 96, 96)
    with torch.no_grad():
        found = classifier.evidence(classifier.encode(images)[-1])
        before = classifier(images)
        classifier.votes.data[1:] += 1
        assert torch.allclose(classifier(images)[:, 1:] - before[:, 1:], found.amax((2, 3)), atol=1e-5)
        assert torch.allclose(classifier(images)[:, 0], before[:, 0], atol=1e-5)
        classifier.votes.data[1:] -= 1
    assert found.shape == (2, 1, 12, 12) and found.min() >= 0
    for heat, each in zip(heat_maps(classifier, images, [1, 5], "evidence"), found[:, 0], strict=True):
        row, column = divmod(int(heat.argmax()), 96)
        assert each[row // 8, column // 8] == each.max()
