import copy

import pytest
import torch
from monai.bundle import ConfigParser
from torch import nn

from bundle.errors import InputError
from bundle.files.weights import read_weights, save_weights, weights_task
from bundle.networks import calibrated_weights, for_task, load_pretrained, load_state
from tests.networks.tiny_classifier import tiny_classifier


def network(task, seed=0):
    torch.manual_seed(seed)
    return for_task(tiny_classifier(num_classes=6, pyramid_channels=8), task)


@pytest.mark.parametrize("wrapped", [lambda each: each, lambda each: nn.ModuleDict({"classifier": each})])
@pytest.mark.parametrize("save", [lambda each, path: torch.save(each.state_dict(), path), save_weights])
def test_weights_of_another_task_are_refused(tmp_path, save, wrapped):
    path = tmp_path / "model.pt"
    save(wrapped(network("multilabel")), path)
    state, subtype = read_weights(path), network("subtype", seed=1)
    assert weights_task(state) == "multilabel"
    before = copy.deepcopy(subtype.state_dict())
    with pytest.raises(InputError, match=r"model\.pt is of the task multilabel, and the configuration of .* subtype;"):
        load_state(subtype, state, path)
    assert all(torch.equal(value, before[name]) for name, value in subtype.state_dict().items())
    load_state(network("multilabel", seed=1), state, path)


def test_weights_of_no_known_task_fit_each_and_those_of_one_fit_any_module(tmp_path):
    plain = tiny_classifier(num_classes=6, pyramid_channels=8)
    torch.save(plain.state_dict(), tmp_path / "model.pt")
    assert weights_task(read_weights(tmp_path / "model.pt")) is None
    named = network("multilabel")
    load_state(named, read_weights(tmp_path / "model.pt"), "model.pt")
    torch.save(named.state_dict(), tmp_path / "named.pt")
    plain.load_state_dict(torch.load(tmp_path / "named.pt", weights_only=True))


def test_a_copied_network_keeps_its_task():
    assert weights_task(copy.deepcopy(network("binary")).state_dict()) == "binary"


def test_the_last_layer_of_another_task_is_not_where_a_training_starts_from(tmp_path):
    torch.save(network("multilabel").state_dict(), tmp_path / "model.pt")
    report = load_pretrained(network("subtype", seed=1), tmp_path / "model.pt", "subtype")
    assert sorted(report.others) == ["head.6.bias", "head.6.weight", "votes"]


@pytest.mark.parametrize("overlay", [None, "model_vgg16", "model_resnet50", "multi_gpu_train"])
def test_the_networks_of_the_configs_have_the_task(root, overlay):
    """Of a model that has a network of its own, too."""
    names = ["train", "task_multilabel", *([overlay] if overlay else [])]
    parser = ConfigParser(ConfigParser.load_config_files([root / f"configs/{name}.json" for name in names]))
    small = {"_target_": "torch.nn.Linear", "in_features": 2, "out_features": 6}
    parser.update({"device": torch.device("cpu"), "network_def": small})
    assert weights_task(parser.get_parsed_content("network").state_dict()) == "multilabel"


def shown(root, **changes):
    """Return the network of configs/train.json with other values, small."""
    parser = ConfigParser(ConfigParser.load_config_file(root / "configs/train.json"))
    parser.update({"device": torch.device("cpu"), "network_def": tiny_classifier(num_classes=6, pyramid_channels=8)})
    parser.update(changes)
    return parser.get_parsed_content("network")


@pytest.mark.parametrize("save", [lambda each, path: torch.save(each.state_dict(), path), save_weights])
@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("mask", False, "mask True, and the configuration has False"),
        ("standardise", False, "standardise True, and the configuration has False"),
        ("windows", [[40, 80], [80, 200], [600, 2800]], r"windows \[\[40.0, 80.0\], .*600"),
    ],
)
def test_weights_that_were_trained_on_slices_shown_otherwise_are_refused(root, tmp_path, save, key, value, words):
    path = tmp_path / "model.pt"
    save(shown(root), path)
    with pytest.raises(InputError, match=rf"model\.pt was trained with {words}") as caught:
        load_state(shown(root, **{key: value}), read_weights(path), path)
    assert "\n" not in str(caught.value)
    assert load_pretrained(shown(root, **{key: value}), path).matched, "a training may start from them"


def test_another_image_size_is_told_and_the_same_view_is_not(root, tmp_path, caplog):
    path = tmp_path / "model.pt"
    calibrated = calibrated_weights(shown(root).state_dict(), 1.5, 0.1, "model.pt")
    save_weights(calibrated, path)
    load_state(shown(root, windows=[[40.0, 80]] * 3), read_weights(path), path)
    assert not caplog.text
    load_state(shown(root, image_size=96), read_weights(path), path)
    assert "trained with the image_size 160, and are used with 96" in caplog.text


def test_weights_of_no_known_view_are_used_with_each_without_a_word(root, caplog):
    load_state(shown(root, mask=False, image_size=96), network("subtype").state_dict(), "model.pt")
    assert not caplog.text
