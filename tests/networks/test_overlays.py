"""The models that are configured as overlays, as training and inference make them."""

import json

import monai.bundle
import numpy as np
import onnxruntime
import pytest
import torch
from monai.bundle import ConfigParser

from bundle.errors import InputError
from bundle.explain import heat_maps
from bundle.networks import VGG16, load_pretrained
from tests.networks.test_pretrained import cadene_name

OVERLAYS = {"vgg16": "features.0", "resnet50": "conv1", "seresnet50": "layer0.conv1"}
"""Model → its first convolution."""
SMALLER = {"vgg16": {"network_def#hidden_features": 64}}
"""Model → what makes its weights small enough to be written in a moment."""
SIZE = 32


def parse(root, base, model):
    parser = ConfigParser(
        ConfigParser.load_config_files([root / f"configs/{base}.json", root / f"configs/model_{model}.json"])
    )
    parser["device"] = torch.device("cpu")
    for key, value in SMALLER.get(model, {}).items():
        parser[key] = value
    return parser


@pytest.fixture(scope="module", params=OVERLAYS)
def built(request, root):
    torch.manual_seed(0)
    parser = parse(root, "inference", request.param)
    return request.param, parser.get_parsed_content("gradcam_layer"), parser.get_parsed_content("network").eval()


def test_gives_one_logit_a_class_and_shows_where_it_looked(built):
    _, layer, network = built
    images = torch.rand(2, 3, SIZE, SIZE)
    with torch.no_grad():
        logits = network(images)
    assert logits.shape == (2, 6)
    heat = heat_maps(network, images, [1, 5], layer)
    assert heat.shape == (2, SIZE, SIZE)
    assert np.isfinite(heat).all()


def test_is_channels_last(built):
    model, _, network = built
    weight = network.get_submodule(OVERLAYS[model]).weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not weight.is_contiguous()


@pytest.mark.parametrize("model", OVERLAYS)
def test_overlay_fits_training_and_inference(root, model):
    overlay = json.loads((root / f"configs/model_{model}.json").read_text())
    for base in ("train", "inference"):
        known = json.loads((root / f"configs/{base}.json").read_text())
        assert set(overlay) - {"_command_"} <= set(known)
    assert f"configs/model_{model}.json" in (root / "docs" / "compare.md").read_text()


def test_pretrained_weights_of_resnet50_fit_under_torchvision_names(root, tmp_path):
    network = parse(root, "train", "resnet50").get_parsed_content("network_def")
    source = {name: torch.full_like(value, 0.5) for name, value in network.state_dict().items()}
    assert {"conv1.weight", "bn1.bias", "layer1.0.downsample.1.weight", "layer4.2.conv3.weight"} <= set(source)
    assert not any("downsample.0.bias" in name for name in source), "as in torchvision"
    source |= {"fc.weight": torch.zeros(1000, 2048), "fc.bias": torch.zeros(1000)}
    torch.save(source, tmp_path / "resnet50.pth")
    report = load_pretrained(network, tmp_path / "resnet50.pth")
    assert report.wrong_shape == report.untouched == ["fc.weight", "fc.bias"]
    assert network.layer3[2].conv2.weight.unique().tolist() == [0.5]


def test_pretrained_weights_of_vgg16_fit_under_torchvision_names(tmp_path):
    source, network = VGG16(1000, hidden_features=2), VGG16(6, hidden_features=2)
    path = tmp_path / "vgg16.pth"
    torch.save(source.state_dict(), path)
    report = load_pretrained(network, path)
    assert report.wrong_shape == report.untouched == ["classifier.6.weight", "classifier.6.bias"]
    torch.testing.assert_close(network.features[28].weight, source.features[28].weight)
    torch.save({name: value for name, value in source.state_dict().items() if "classifier" in name}, path)
    with pytest.raises(InputError, match="another network: only 0 of the backbone's 26"):
        load_pretrained(network, path)


def test_pretrained_weights_of_seresnet50_fit_the_plain_network(root, tmp_path):
    network = parse(root, "train", "seresnet50").get_parsed_content("network_def")
    weights = {cadene_name(name): value for name, value in network.state_dict().items() if "last_linear" not in name}
    torch.save(weights, tmp_path / "seresnet50.pth")
    report = load_pretrained(network, tmp_path / "seresnet50.pth")
    assert report.unused == report.wrong_shape == []
    assert report.untouched == ["last_linear.weight", "last_linear.bias"]


@pytest.fixture(scope="module")
def weights(built, tmp_path_factory):
    """Name of the model, its state dict as a file, an image, and the network's logits for it."""
    model, _, network = built
    path, image = tmp_path_factory.mktemp(model) / "model.pt", torch.rand(1, 3, SIZE, SIZE)
    torch.save(network.state_dict(), path)
    with torch.no_grad():
        return model, path, image, network(image)


@pytest.mark.filterwarnings("ignore")  # MONAI's and PyTorch's exporters give many of their own
@pytest.mark.parametrize(
    ("export", "name"), [(monai.bundle.ckpt_export, "model.ts"), (monai.bundle.onnx_export, "model.onnx")]
)
def test_the_export_gives_the_same_logits(root, weights, export, name):
    model, checkpoint, image, logits = weights
    path = checkpoint.with_name(name)
    export(
        "network_def",
        str(path),
        ckpt_file=str(checkpoint),
        meta_file=str(root / "configs/metadata.json"),
        config_file=[str(root / f"configs/{each}.json") for each in ("inference", f"model_{model}")],
        input_shape=image.shape,
        **SMALLER.get(model, {}),
    )
    if name == "model.ts":
        given = torch.jit.load(path)(image).detach().numpy()
    else:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        (given,) = session.run(None, {session.get_inputs()[0].name: image.numpy()})
    # Random weights give logits as small as 1e-3, so that their own spread is the measure.
    assert np.abs(given - logits.numpy()).max() < 1e-4 * logits.std() > 0


def test_vgg16_takes_any_size_and_reaches_every_parameter():
    torch.manual_seed(0)
    network = VGG16(num_classes=2, in_channels=1, hidden_features=8)
    network(torch.rand(2, 1, 48, 64)).sum().backward()
    assert [name for name, value in network.named_parameters() if value.grad is None] == []
    assert isinstance(network.features[29], torch.nn.ReLU), "what Grad-CAM looks at is the last convolution's output"
