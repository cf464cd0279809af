import numpy as np
import pytest
import torch

from bundle.deploy import ExportedNetwork
from bundle.errors import InputError
from bundle.explain import heat_maps
from bundle.networks.penultimate import PenultimateFeatures
from bundle.runtime import open_classifier
from bundle.runtime.classifier import probabilities
from tests.export.tiny import SIZE

CONFIG = {
    "task": "subtype", "image_size": SIZE, "windows": [[40, 80]] * 3,
    "mask": True, "mirrored": True, "slice_smoothing": 4.0,
}  # fmt: skip
IMAGES = torch.rand(5, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))


def test_the_network_in_float32_gives_the_weights_logits_features_and_map(exported, setup):
    network = ExportedNetwork(exported, runtime="fp32", **CONFIG)
    with torch.inference_mode():
        for one in (network, setup.network):
            with PenultimateFeatures(one) as features:
                one.found = one(IMAGES), features.take(5)
    for one, other in zip(network.found, setup.network.found, strict=True):
        assert torch.allclose(one, other, atol=1e-4)
    drawn = [heat_maps(each, IMAGES, [1] * 5, "", "evidence") for each in (network, setup.network)]
    np.testing.assert_allclose(*drawn, atol=1e-4)


def test_int8_is_calibrated_as_in_the_runtime(exported, monkeypatch):
    network = ExportedNetwork(exported, runtime="int8", **CONFIG)
    opened = open_classifier(exported, "int8", mirrored=False)
    object.__setattr__(network._opened.calibration, "temperature", 1.5)
    object.__setattr__(network._opened.calibration, "shift", -0.25)
    expected = probabilities(opened.classifier(IMAGES.numpy()).logits, "subtype", network._opened.calibration)
    np.testing.assert_allclose(network(IMAGES).softmax(1).numpy(), expected, atol=1e-6)
    assert network.file.name == "classifier.int8.onnx"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"task": "binary"}, "was exported with task subtype, and the config says binary; give --task of the export"),
        ({"image_size": 160}, f"was exported with image_size {SIZE}, and the config says 160"),
        ({"windows": [[40, 80]]}, r"was exported with windows \[\[40.0, 80.0\], .* the config says \[\[40.0, 80.0\]\]"),
        ({"mask": False}, "was exported with mask True, and the config says False; give --mask of the export"),
        ({"mirrored": False}, "was exported with mirrored True, and the config says False"),
        ({"slice_smoothing": 0.0}, "was exported with slice_smoothing 4.0, and the config says 0.0"),
    ],
)
def test_an_export_of_another_config_is_one_sentence(exported, change, sentence):
    with pytest.raises(InputError, match=sentence):
        ExportedNetwork(exported, **{**CONFIG, **change})
