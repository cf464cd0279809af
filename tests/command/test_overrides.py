import json

import pytest

from bundle.command import checked_overrides
from bundle.command.overrides import given_on
from bundle.errors import InputError

CONFIG = {
    "imports": ["$import os"],
    "mask": True,
    "batch_size": 32,
    "learning_rate": 0.1,
    "output_dir": "$os.path.join('some', 'where')",
    "cores": "$min(8, 2)",
    "task": "subtype",
    "run_name": None,
    "windows": [[40, 80]],
    "network_def": {"_target_": "torch.nn.Identity"},
    "device": "$no_such_name",
    "train": {"loss": {"gamma": 2}, "trainer": {"max_epochs": "@batch_size"}},
    "_desc_": "a config",
}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "train.json"
    path.write_text(json.dumps(CONFIG))
    return path


@pytest.mark.parametrize(
    ("key", "given", "value"),
    [
        ("mask", "false", False),
        ("mask", "True", True),
        ("mask", False, False),
        ("batch_size", "16", 16),
        ("train#loss#gamma", "1", 1),
        ("train::trainer::max_epochs", "3", 3),
        ("learning_rate", "1e-4", 1e-4),
        ("learning_rate", "1", 1.0),
        ("learning_rate", 2, 2.0),
        ("cores", "4", 4),
        ("task", "binary", "binary"),
        ("task", "2024", "2024"),
        ("output_dir", "1e3", "1e3"),
        ("output_dir", "Smith,John", "Smith,John"),
        ("output_dir", "$'there'", "$'there'"),
        ("run_name", "2024", "2024"),
        ("run_name", "None", None),
        ("windows", "[[40,80],[80,200]]", [[40, 80], [80, 200]]),
        ("windows", "1,2", [1, 2]),
        ("network_def", "{'_target_': 'torch.nn.ReLU'}", {"_target_": "torch.nn.ReLU"}),
        ("network_def", "$None", "$None"),
        ("device", "7", 7),
        ("batch_size", "@cores", "@cores"),
    ],
)
def test_a_value_becomes_one_of_its_default_s_type(config, key, given, value):
    (got,) = checked_overrides({key: given}, [config]).values()
    assert got == value and type(got) is type(value)


@pytest.mark.parametrize(
    ("key", "given", "words"),
    [
        ("mask", "no", "--mask must be true or false, got 'no'; its default is True"),
        ("mask", "1", "true or false, got '1'"),
        ("batch_size", "many", "--batch_size must be a whole number, got 'many'; its default is 32"),
        ("batch_size", "2.5", "a whole number, got '2.5'"),
        ("batch_size", True, "a whole number, got True"),
        ("cores", "few", "--cores must be a whole number, got 'few'; its default is 2"),
        ("learning_rate", "abc", "a number, got 'abc'"),
        ("learning_rate", "nan", "a number, got 'nan'"),
        ("learning_rate", "", "a number, got ''"),
        ("windows", "40", "a list, as [1,2], got '40'"),
        ("windows", "age", "a list, as [1,2], got 'age'"),
        ("task", 2024, "--task must be a text, got 2024; its default is 'subtype'"),
        ("lerning_rate", "0.1", "have no key 'lerning_rate'; did you mean learning_rate?"),
        ("train#loss#alpha", "1", "no key 'train#loss#alpha'"),
        ("_desc_", "1", "no key '_desc_'"),
        ("zzz", "1", "known are batch_size, cores, device"),
    ],
)
def test_what_does_not_fit_is_one_sentence(config, key, given, words):
    with pytest.raises(InputError) as caught:
        checked_overrides({key: given}, [config])
    assert words in str(caught.value) and "\n" not in str(caught.value)
    if "no key" in words:
        assert str(config) in str(caught.value)


def test_a_command_line_is_taken_as_it_was_typed():
    line = ["run", "training", "--config_file=a.json", "--batch-size", "8", "--seed", "1", "--seed", "-2", "--resume"]
    assert given_on(line) == {"config_file": "a.json", "batch_size": "8", "seed": "-2", "resume": "True"}
    assert given_on(["--mask", "--run_name", "a=b"]) == {"mask": "True", "run_name": "a=b"}


@pytest.mark.parametrize(
    ("key", "given", "bound"),
    [
        ("batch_size", "0", "above 0"),
        ("batch_size", -1, "above 0"),
        ("learning_rate", "-0.1", "0 or above"),
        ("train#loss#gamma", "-2", "0 or above"),
    ],
)
def test_a_number_out_of_range_is_one_sentence(config, key, given, bound):
    with pytest.raises(InputError, match=rf"--{key} must be {bound}, got '?{given}'?; its default is"):
        checked_overrides({key: given}, [config])


def test_zero_is_a_number_where_it_makes_sense(config):
    assert checked_overrides({"train#loss#gamma": "0"}, [config]) == {"train#loss#gamma": 0}


def test_an_overlay_may_be_yaml(config, tmp_path):
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("task: binary\nbatch_size: 8\n")
    assert checked_overrides({"batch_size": "4"}, [config, overlay]) == {"batch_size": 4}
