"""Which runtime scores, and what it is asked for; every refusal is one sentence."""

import json
import logging
import shutil
import sys
from pathlib import Path

import pytest

from bundle.errors import InputError
from bundle.results import InferenceSettings, chosen_export, open_export
from tests.conftest import ROOT

CONFIG = ROOT / "configs" / "inference.json"


@pytest.fixture
def copy(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "copy")


@pytest.fixture
def config(exported, tmp_path):
    """A config with the values of the export."""
    content, export = json.loads(CONFIG.read_text()), json.loads((exported / "export.json").read_text())
    (tmp_path / "inference.json").write_text(
        json.dumps({name: {**export, **export["preprocessing"]}.get(name, value) for name, value in content.items()})
    )
    return tmp_path / "inference.json"


def test_a_named_export_or_runtime_is_taken_and_no_other(exported, config, tmp_path):
    absent = tmp_path / "absent"
    assert chosen_export("torch", None, exported, absent, {}, config) is None
    assert chosen_export("auto", exported, absent, absent, {"image_size": "96"}, config) == exported
    assert chosen_export("fp32", None, absent, absent, {}, config) == absent
    with pytest.raises(InputError, match="one of auto, fp32, int8, torch, got 'tensorrt'"):
        chosen_export("tensorrt", None, exported, absent, {}, config)
    with pytest.raises(InputError, match="with a checkpoint, not with an export; leave --export_dir out"):
        chosen_export("torch", exported, absent, absent, {}, config)


def test_auto_takes_the_export_of_the_checkpoint_that_can_do_what_is_asked(exported, config, setup, tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    other = tmp_path / "model.pt"
    assert chosen_export("auto", None, tmp_path, setup.checkpoint, {}, config) is None, "there is none"
    assert chosen_export("auto", None, exported, other, {}, config) == exported, "there is no checkpoint"
    assert chosen_export("auto", None, exported, setup.checkpoint, {"threshold": "0.4"}, config) == exported
    assert not caplog.messages
    other.write_bytes(b"other weights")
    assert chosen_export("auto", None, exported, other, {}, config) is None
    assert chosen_export("auto", None, exported, setup.checkpoint, {"explanation": "occlusion"}, config) is None
    assert [message.split(": ")[-1] for message in caplog.messages] == [
        "they are of another checkpoint than model.pt.", "they know no --explanation."
    ]  # fmt: skip


def test_auto_takes_no_export_of_another_brain_mask(exported, config, setup, tmp_path, caplog):
    checkpoint, mask = shutil.copy(setup.checkpoint, tmp_path), tmp_path / "brain_mask.pt"
    shutil.copy(setup.brain_mask.weights, mask)
    assert chosen_export("auto", None, exported, Path(checkpoint), {}, config) == exported
    mask.write_bytes(b"other weights")
    assert chosen_export("auto", None, exported, Path(checkpoint), {}, config) is None
    assert "they are of another brain mask than brain_mask.pt." in caplog.text


def test_an_export_of_another_version_is_refused_where_it_is_named_and_else_not_used(
    copy, config, setup, tmp_path, caplog
):
    content = json.loads((copy / "export.json").read_text())
    (copy / "export.json").write_text(json.dumps({**content, "version": "0.0.1"}))
    assert chosen_export("auto", None, copy, setup.checkpoint, {}, config) is None
    assert "PyTorch scores, and not the exported files" in caplog.text
    assert f"export.json is of the version 0.0.1 of the bundle, and this is {content['version']}." in caplog.text
    with pytest.raises(InputError, match=r"is of the version 0\.0\.1 of the bundle"):
        open_export(copy, "fp32", {}, CONFIG)


def test_a_broken_export_that_nobody_named_is_not_used(copy, config, setup, caplog):
    (copy / "export.json").write_text("{")
    assert chosen_export("auto", None, copy, setup.checkpoint, {}, config) is None
    assert "PyTorch scores, and not the exported files" in caplog.text
    assert "export.json is no readable JSON file." in caplog.text


def test_what_a_config_says_today_is_what_counts(exported, config, setup, caplog):
    content = json.loads(config.read_text())
    config.write_text(json.dumps({**content, "head_threshold": 0.05, "overlays": 2, "page_heads": 3}))
    assert chosen_export("auto", None, exported, setup.checkpoint, {}, config) == exported
    settings = open_export(exported, "fp32", {"overlays": "1"}, config)[1]
    assert settings == InferenceSettings(head_threshold=0.05, overlays=1, page_heads=3)
    config.write_text(json.dumps({**content, "slice_smoothing": 0.5}))
    assert chosen_export("auto", None, exported, setup.checkpoint, {}, config) is None
    assert "inference.json says another slice_smoothing, 0.5, than they were exported with." in caplog.text
    assert chosen_export("fp32", None, exported, setup.checkpoint, {}, config) == exported, "where it is asked for"
    config.write_text(json.dumps({**content, "threshold": 0.05}))
    assert chosen_export("auto", None, exported, setup.checkpoint, {}, config) is None
    assert chosen_export("auto", None, exported, setup.checkpoint, {"threshold": "0.3"}, config) == exported


def test_settings_have_the_types_that_they_have_in_the_config(exported):
    given = {"threshold": "0.4", "overlays": "2", "all_series": "true", "mirrored": "false", "head_threshold": "0.2"}
    runtime, settings = open_export(exported, "fp32", given, CONFIG)
    assert settings == InferenceSettings(threshold=0.4, overlays=2, all_series=True, head_threshold="0.2")
    assert runtime.name == "fp32" and runtime.classifier.mirrored is False
    assert open_export(exported, "auto", {}, CONFIG)[0].classifier.mirrored is True, "as the export says"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"treshold": "0.4"}, "have no key 'treshold'; did you mean threshold"),
        ({"clinical_numbers": "[age]"}, "their own clinical_numbers, which --clinical_numbers cannot change; leave it"),
        ({"image_size": "96"}, "their own image_size, which --image_size cannot change; .* or use --runtime torch"),
        ({"overlays": "many"}, "--overlays must be a whole number, got 'many'"),
        ({"threshold": "0"}, "--threshold must be above 0"),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(exported, given, sentence):
    with pytest.raises(InputError, match=sentence):
        open_export(exported, "auto", given, CONFIG)


def test_an_export_that_cannot_be_used_is_one_sentence(copy, tmp_path, monkeypatch):
    def refused():
        with pytest.raises(InputError) as error:
            open_export(copy, "int8", {}, CONFIG)
        assert "\n" not in str(error.value)
        return str(error.value)

    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "onnxruntime", None)
        assert "need the package onnxruntime, which is not installed; pip install" in refused()
    described = (copy / "export.json").read_text()
    (copy / "export.json").write_text(described.replace("brain_hemorrhage_classification", "spleen_segmentation"))
    assert "is of another bundle, 'spleen_segmentation'" in refused()
    (copy / "export.json").write_text(described)
    with (copy / "classifier.int8.onnx").open("ab") as file:
        file.write(b"x")
    assert "classifier.int8.onnx is not the file that export.json describes, it was changed after" in refused()
