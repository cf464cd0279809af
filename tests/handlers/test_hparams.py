import json

import pytest
from monai.bundle import ConfigParser

from bundle.handlers import hyperparameters


def shown(config):
    return ConfigParser({**config, "shown": {"_target_": "bundle.handlers.hyperparameters"}}).get_parsed_content(
        "shown"
    )


def test_what_stands_at_the_top_is_shown_as_people_write_it():
    config = {
        "_command_": "python -m …",
        "imports": ["$import os"],
        "bundle_root": ".",
        "device": "$torch.device('cpu')",
        "run": "@device",
        "mask": True,
        "batch_size": 8,
        "learning_rate": 3e-4,
        "task": "subtype",
        "windows": [[40, 80], [600, 2800]],
        "clinical_numbers": ["age", "bmi"],
        "clinical_categories": [],
        "dataset_dir": "/somewhere/of/mine/data",
        "pretrained": None,
        "network_def": {"_target_": "torch.nn.Identity"},
    }
    assert shown(config) == {
        "mask": "true", "batch_size": 8, "learning_rate": 3e-4, "task": "subtype", "windows": "40/80, 600/2800",
        "clinical_numbers": "age, bmi", "clinical_categories": "no", "dataset_dir": "data", "pretrained": "no",
        "network": "Identity",
    }  # fmt: skip


def test_of_the_training_s_config_they_are_those_that_the_guide_names(root):
    config = json.loads((root / "configs" / "train.json").read_text())
    found = shown({**config, "network_def": {"_target_": "torch.nn.Identity"}})
    names = (
        "task", "network", "pretrained", "image_size", "windows", "mask", "augment", "window_jitter", "low_resolution",
        "painted_bleeds", "balanced", "batch_size", "learning_rate", "weight_decay", "dropout", "standardise",
        "max_epochs", "seed",
    )  # fmt: skip
    assert set(names) <= found.keys()
    assert not found.keys() & {"bundle_root", "device", "output_dir", "train", "run"}
    assert found["windows"] == "40/80, 40/80, 40/80" and found["mask"] == "true" and found["pretrained"] == "no"


def test_without_a_config_there_are_none():
    with pytest.raises(LookupError):
        hyperparameters()
