import re

import pytest
import torch
from monai.networks.nets import SEResNet50

from bundle.errors import InputError
from bundle.networks import ClinicalBranch, HemorrhageClassifier, load_pretrained
from tests.networks.tiny_classifier import tiny_classifier


def classifier(seed: int = 0) -> HemorrhageClassifier:
    torch.manual_seed(seed)
    return HemorrhageClassifier(SEResNet50(spatial_dims=2, in_channels=3, num_classes=1), num_classes=6)


@pytest.fixture(scope="module")
def monai_weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return SEResNet50(spatial_dims=2, in_channels=3, num_classes=1000).state_dict()


def cadene_name(key: str) -> str:
    key = re.sub(r"\.conv(\d)\.conv\.", r".conv\1.", key)
    key = re.sub(r"\.conv(\d)\.adn\.N\.", r".bn\1.", key)
    key = key.replace("se_layer.fc.0", "se_module.fc1").replace("se_layer.fc.2", "se_module.fc2")
    return key.replace("project.conv", "downsample.0").replace("project.adn.N", "downsample.1")


def timm_name(key: str) -> str:
    return cadene_name(key).replace("layer0.", "").replace("se_module", "se").replace("last_linear", "fc")


def as_1x1(key: str, value: torch.Tensor) -> torch.Tensor:
    return value[:, :, None, None] if "se_layer" in key and key.endswith("weight") else value


@pytest.mark.parametrize("naming", [lambda key: key, cadene_name, timm_name, lambda key: "module." + cadene_name(key)])
def test_takes_over_the_whole_backbone_under_each_naming(tmp_path, monai_weights, naming):
    path = tmp_path / "weights.pth"
    torch.save({naming(key): as_1x1(key, value) for key, value in monai_weights.items()}, path)
    network = classifier()
    report = load_pretrained(network, path)
    for key, value in monai_weights.items():
        if not key.startswith("last_linear"):
            torch.testing.assert_close(network.state_dict()[f"features.{key}"], value)
    assert len(report.unused) == 2
    assert all(not name.startswith("features.") for name in report.untouched)
    assert f"{len(report.matched)} tensors taken over" in str(report)


def test_takes_over_its_own_weights_whole(tmp_path):
    path, source, network = tmp_path / "model.pt", classifier(2), classifier(3)
    torch.save({"state_dict": source.state_dict()}, path)
    report = load_pretrained(network, path)
    assert report.unused == report.untouched == report.wrong_shape == []
    torch.testing.assert_close(network.head[-1].weight, source.head[-1].weight)


def test_no_layer_of_other_classes_is_taken_for_that_of_as_many(tmp_path):
    source, network = (
        tiny_classifier(num_classes=6, pyramid_channels=4),
        tiny_classifier(num_classes=6, pyramid_channels=4),
    )
    torch.save(source.state_dict(), tmp_path / "model.pt")
    before = network.head[-1].weight.clone()
    report = load_pretrained(network, tmp_path / "model.pt", "multilabel")
    torch.testing.assert_close(network.head[-1].weight, before)
    torch.testing.assert_close(network.features.layer0.weight, source.features.layer0.weight)
    assert {"votes", "head.6.weight", "head.6.bias"} == set(report.others) <= set(report.untouched)
    assert "3 of other classes or clinical features, left out" in str(report)


@pytest.mark.parametrize("features", [["weight", "age"], ["pressure", "lactate"]])
def test_a_clinical_branch_of_other_features_is_left_to_the_training(tmp_path, features):
    source, network = (
        tiny_classifier(ClinicalBranch(names, [], 6), num_classes=6) for names in (["age", "weight"], features)
    )
    source.clinical.mean.fill_(54)
    torch.save(source.state_dict(), tmp_path / "model.pt")
    before = {name: value.clone() for name, value in network.clinical.state_dict().items()}
    report = load_pretrained(network, tmp_path / "model.pt")
    for name, value in network.clinical.state_dict().items():
        torch.testing.assert_close(value, before[name], equal_nan=True)
    assert report.others and all(name.startswith("clinical.") for name in report.others)


@pytest.mark.parametrize("prefix", ["classifier.", "module.classifier."])
def test_goes_on_from_the_state_of_a_training_with_lesion_maps(tmp_path, prefix):
    source, network = classifier(2), classifier(3)
    state = {f"{prefix}{key}": value for key, value in source.state_dict().items()}
    torch.save({"network": state, "epoch": 3}, tmp_path / "last.pt")
    assert load_pretrained(network, tmp_path / "last.pt").untouched == []
    torch.testing.assert_close(network.head[-1].weight, source.head[-1].weight)


def test_leaves_out_another_shape_and_says_so(tmp_path, monai_weights):
    path = tmp_path / "weights.pth"
    torch.save({**monai_weights, "layer0.conv1.weight": torch.zeros(64, 1, 7, 7)}, path)
    report = load_pretrained(classifier(), path)
    assert report.wrong_shape == ["layer0.conv1.weight"]
    assert "of another shape" in str(report)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"blocks.0.attn.qkv.weight": torch.zeros(3)}, "another network"),
        ({"state_dict": {"a": 1}}, "plain state dict"),
        (b"PK not a checkpoint", "is no PyTorch checkpoint of tensors"),
        (b"", "is not a whole PyTorch checkpoint"),
        (None, "does not exist"),
    ],
)
def test_refuses_a_wrong_file_in_one_sentence(tmp_path, content, words):
    path = tmp_path / "weights.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    network = classifier()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(InputError, match=words) as caught:
        load_pretrained(network, path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
