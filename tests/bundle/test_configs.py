"""What all configs have in common, and what is the same in two of them."""

import importlib.util
import json

import pytest
import torch
from monai.bundle import ConfigParser

from bundle.labels import num_classes
from tests.config_style import config_files, styled
from tests.datalist.examples import BLEED, NORMAL, datalist, row, save_noise

BASES = {"train", "inference", "train_brain_mask", "metadata"}
"""Configs that stand alone; each other is laid over one of them."""
MOST = {"train": (382, 45, 40), "evaluate": (126, 45, 40), "inference": (189, 45, 40)}
"""Config → lines, keys at the top, and expressions, at most."""


def read(root, name):
    return json.loads((root / "configs" / f"{name}.json").read_text())


def targets(value):
    """Yield the name of every class and function that a config calls."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        if key == "_target_":
            yield each
        elif isinstance(each, dict | list):
            yield from targets(each)


def is_module(name):
    """Say whether a module is found under the name."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the part before the last dot is no package
        return False


def texts(value):
    """Yield every text in a config."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


@pytest.mark.parametrize("path", config_files(), ids=lambda path: path.stem)
def test_every_config_has_the_one_style(path):
    text = path.read_text()
    assert text == styled(json.loads(text)), "python -m tests.config_style brings it into the style"


def test_the_style_breaks_what_is_longer_than_a_line_alone():
    config = {"short": [[40, 80], {"a": None}], "names": ["a" * 40] * 5, "object": {"one": "b" * 60, "two": "c" * 60}}
    assert styled(config).splitlines() == [
        "{",
        '    "short": [[40, 80], {"a": null}],',
        '    "names": [',
        *[f'        "{"a" * 40}", "{"a" * 40}",'] * 2,
        f'        "{"a" * 40}"',
        "    ],",
        '    "object": {',
        f'        "one": "{"b" * 60}",',
        f'        "two": "{"c" * 60}"',
        "    }",
        "}",
    ]


@pytest.mark.parametrize("name", MOST)
def test_a_config_is_as_short_as_the_zoo_s(root, name):
    lines, keys, expressions = MOST[name]
    config = read(root, name)
    assert (root / "configs" / f"{name}.json").read_text().count("\n") <= lines
    assert len(config) <= keys
    assert sum(text.startswith("$") for text in texts(config)) <= expressions


@pytest.mark.parametrize("path", config_files(), ids=lambda path: path.stem)
def test_no_text_is_asked_whether_it_is_true_and_no_handler_goes_by_its_number(path):
    for text in texts(json.loads(path.read_text())):
        assert "lower()" not in text and "handlers#" not in text


@pytest.mark.parametrize("path", config_files(), ids=lambda path: path.stem)
def test_what_a_config_calls_is_no_name_of_a_module(path):
    """MONAI looks names up with `pydoc.locate`, which prefers the module to what is exported from Python 3.12 on."""
    assert not [name for name in targets(json.loads(path.read_text())) if is_module(name)]


@pytest.mark.parametrize("path", config_files(), ids=lambda path: path.stem)
def test_an_overlay_begins_with_its_command(path):
    """That the command runs shows tests/bundle/test_zoo_rules.py."""
    config = json.loads(path.read_text())
    assert (next(iter(config)) == "_command_") == (path.stem not in BASES)
    if "_command_" in config:
        assert f"'configs/{path.name}']\"" in config["_command_"]


def test_what_training_and_inference_share_stands_word_for_word_in_both(root):
    train, inference = read(root, "train"), read(root, "inference")
    *shared, unit_range = inference["preprocessing"]["transforms"]
    assert shared == train["train"]["preprocessing"]["transforms"]
    assert unit_range == train["train"]["augmentation"][0]
    shared_keys = train.keys() & inference.keys() - {"dataset_dir", "output_dir", "initialize", "run"}
    assert {"network_def", "network", "task", "image_size", "windows", "mask", "standardise", "device"} <= shared_keys
    for key in shared_keys:
        assert inference[key] == train[key], key


@pytest.mark.parametrize(("name", "key"), [("train", "validate#postprocessing"), ("inference", "postprocessing")])
@pytest.mark.parametrize("task", ["subtype", "binary", "multilabel"])
def test_a_small_probability_of_a_bleed_does_not_become_0_in_mixed_precision(root, name, key, task):
    """ResNet-50 and VGG-16 give half precision under autocast."""
    parser = ConfigParser({**read(root, name), "task": task})
    sure = -9.0 if task == "multilabel" else 9.0
    logits = torch.tensor([sure] + [0.0] * (num_classes(task) - 1), dtype=torch.float16)
    probabilities = parser.get_parsed_content(key)({"pred": logits})["pred"]
    p_first = probabilities[0] if task == "multilabel" else 1 - probabilities[0]
    exact = logits.double().sigmoid()[0] if task == "multilabel" else 1 - logits.double().softmax(0)[0]
    assert float(p_first) == pytest.approx(float(exact), rel=1e-3)


def test_the_mask_network_is_the_one_its_weights_are_of(root):
    (mask,) = [each for each in read(root, "train")["train"]["preprocessing"]["transforms"] if "network" in each]
    assert mask["network"] == read(root, "train_brain_mask")["network_def"]


def test_evaluation_and_inference_look_and_smooth_alike(root):
    evaluate, inference = read(root, "evaluate"), read(root, "inference")
    assert evaluate["validate#inferer"] == inference["inferer"]
    for key in ("mirrored", "slice_smoothing"):
        assert evaluate[key] == inference[key], key


@pytest.mark.parametrize("augment", [True, False])
def test_maps_of_the_bleed_are_learned_with_and_without_augmentation(root, tmp_path, augment):
    for number in range(6):
        save_noise(tmp_path / f"{number}.png", seed=number)
    slices = [row(f"{number}.png", (NORMAL, BLEED)[number % 2], patient=str(number)) for number in range(6)]
    (tmp_path / "datalist.json").write_text(json.dumps(datalist(training=slices[:4], validation=slices[4:])))
    parser = ConfigParser(
        ConfigParser.load_config_files([root / f"configs/{name}.json" for name in ("train", "lesion_maps")])
    )
    network = {"_target_": "tests.networks.tiny_classifier.tiny_classifier", "num_classes": 6, "pyramid_channels": 8}
    parser.update(
        {
            "bundle_root": str(root), "dataset_dir": str(tmp_path), "output_dir": str(tmp_path), "network_def": network,
            "device": torch.device("cpu"), "image_size": 32, "mask": False, "batch_size": 4, "max_epochs": 1,
            "augment": augment, "summary_writer": "$None",
        }
    )  # fmt: skip
    batch = next(iter(parser.get_parsed_content("train#dataloader")))
    assert batch["lesion"].shape == (4, 1, 32, 32)
    assert batch["image"].dtype == (torch.float32 if augment else torch.uint8)
    assert {"mask", "slice"}.isdisjoint(batch)
    parser.get_parsed_content("train#trainer").run()
    maps = parser.get_parsed_content("lesion_maps")
    assert maps.lesion_loss.isfinite() and maps.classifier.evidence[0].weight.grad.abs().sum() > 0
    assert (tmp_path / "models" / "last.pt").is_file()
