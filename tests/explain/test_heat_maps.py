import numpy as np
import pytest
import torch

from bundle.errors import InputError
from bundle.explain import METHODS, Explainer, heat_maps
from bundle.predictions import likeliest_bleed
from tests.explain.bright import BrightCorner, Switched
from tests.export.tiny import SIZE, tiny_classifier
from tests.networks.tiny_classifier import tiny_classifier as without_pyramid


def test_points_at_the_evidence_and_leaves_no_hook():
    network = BrightCorner()
    images = torch.zeros(3, 1, 32, 32)
    images[0, 0, :8, 24:] = 1
    images[1, 0, 24:, :8] = 1
    heat = heat_maps(network, images, [1, 1, 1], "conv", batch_size=2)
    assert heat.shape == (3, 32, 32)
    assert heat[0].max() == heat[1].max() == 1
    assert np.unravel_index(heat[0].argmax(), (32, 32)) < (8, 32)
    assert heat[0, :8, 24:].mean() > 0.5 > heat[0, 16:, :16].max()
    assert heat[1, 24:, :8].mean() > 0.5
    assert not heat[2].any(), "no evidence is no heat, not a stretched nothing"
    assert not network.conv._forward_hooks
    assert not network.conv._backward_hooks


def test_evidence_is_drawn_where_the_weights_are():
    class Elsewhere(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1, device="meta"))

        def evidence_map(self, images):
            assert images.device == self.weight.device
            return torch.ones(len(images), 1, 4, 4)

    assert heat_maps(Elsewhere(), torch.zeros(2, 3, 8, 8), [1, 1], "", "evidence").shape == (2, 8, 8)


def test_evidence_against_a_class_is_no_evidence():
    images = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    assert not heat_maps(BrightCorner(), images, [0], "conv").any()


def test_the_map_that_the_network_draws_is_what_grad_cam_shows_there():
    network, images = tiny_classifier(), torch.rand(3, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    drawn = heat_maps(network, images, [1, 2, 3], "", "evidence")
    assert drawn.shape == (3, SIZE, SIZE) and (drawn.max(axis=(1, 2)) == 1).all()
    np.testing.assert_allclose(drawn, heat_maps(network, images, [1, 2, 3], "evidence"), atol=1e-5)


def test_a_network_that_draws_no_map_is_named():
    for network in (BrightCorner(), without_pyramid()):
        with pytest.raises(InputError, match=f"the network {type(network).__name__} draws no map of evidence; choose"):
            # Before any image is scored, so that no inference ends well without its maps.
            Explainer(network, [], [], "subtype", "", "evidence")
        with pytest.raises(InputError, match="draws no map of evidence"):
            heat_maps(network, torch.zeros(1, 3, 32, 32), [1], "", "evidence")


def test_names_a_wrong_layer():
    with pytest.raises(InputError, match="no layer 'head' for Grad-CAM; name stem, conv, drop or a module in one of"):
        heat_maps(BrightCorner(), torch.zeros(1, 1, 32, 32), [1], "head")


@pytest.mark.parametrize(
    ("task", "probabilities", "expected"),
    [
        ("subtype", [0.9, 0.01, 0.02, 0.04, 0.02, 0.01], 3),
        ("binary", [0.9, 0.1], 1),
        ("multilabel", [0.1, 0.2, 0.6, 0.3, 0.2, 0.9], 2),
    ],
)
def test_the_class_to_explain_is_a_bleed(task, probabilities, expected):
    assert likeliest_bleed(np.array(probabilities), task) == expected


@pytest.mark.parametrize("method", METHODS)
def test_every_method_points_at_the_evidence(method):
    images = torch.zeros(3, 1, 32, 32)
    images[0, 0, :8, 24:] = 1
    images[1, 0, 24:, :8] = 1
    heat = heat_maps(BrightCorner(), images, [1, 1, 1], "conv", method)
    assert heat.dtype == np.float32 and heat.shape == (3, 32, 32)
    assert heat[0].max() == heat[1].max() == 1
    assert heat[0, :8, 24:].mean() > 2 * heat[0, 16:, :16].max()
    assert heat[1, 24:, :8].mean() > 2 * heat[1, :16, 16:].max()
    assert not heat[2].any()


@pytest.mark.parametrize("method", METHODS)
def test_further_inputs_reach_the_network(method):
    images = torch.ones(2, 1, 32, 32)
    heat = heat_maps(Switched(), images, [1, 1], "conv", method, {"clinical": torch.tensor([[1.0], [-1.0]])})
    middle = slice(4, 28)
    assert heat[0, middle, 20:28].min() > 0.4 and heat[1, middle, 4:12].min() > 0.4
    if method == "occlusion":  # the others see the same evidence in the layer, wherever it came from
        assert heat[0, :, :8].max() < 0.2 and heat[1, :, 24:].max() < 0.2


def test_names_a_wrong_method():
    with pytest.raises(InputError, match="one of gradcam, gradcam\\+\\+, occlusion, evidence, got 'lime'"):
        heat_maps(BrightCorner(), torch.zeros(1, 1, 32, 32), [1], "conv", "lime")
