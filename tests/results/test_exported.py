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


def test_a_named_export_or_runtime_is_taken_and_no_other(exported, tmp_path):
    absent = tmp_path / "absent"
    assert chosen_export("torch", None, exported, absent, {}) is None
    assert chosen_export("auto", exported, absent, absent, {"image_size": "96"}) == exported
    assert chosen_export("fp32", None, absent, absent, {}) == absent
    with pytest.raises(InputError, match="one of auto, fp32, int8, torch, got 'tensorrt'"):
        chosen_export("tensorrt", None, exported, absent, {})
    with pytest.raises(InputError, match="with a checkpoint, not with an export; leave --export_dir out"):
        chosen_export("torch", exported, absent, absent, {})


def test_auto_takes_the_export_of_the_checkpoint_that_can_do_what_is_asked(exported, setup, tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    other = tmp_path / "model.pt"
    assert chosen_export("auto", None, tmp_path, setup.checkpoint, {}) is None, "there is none"
    assert chosen_export("auto", None, exported, other, {}) == exported, "there is no checkpoint"
    assert chosen_export("auto", None, exported, setup.checkpoint, {"threshold": "0.4"}) == exported
    assert not caplog.messages
    other.write_bytes(b"other weights")
    assert chosen_export("auto", None, exported, other, {}) is None
    assert chosen_export("auto", None, exported, setup.checkpoint, {"explanation": "occlusion"}) is None
    assert [message.split(": ")[-1] for message in caplog.messages] == [
        "they are of another checkpoint than model.pt.", "they know no --explanation."
    ]  # fmt: skip


def test_auto_takes_no_export_of_another_brain_mask(exported, setup, tmp_path, caplog):
    checkpoint, mask = shutil.copy(setup.checkpoint, tmp_path), tmp_path / "brain_mask.pt"
    shutil.copy(setup.brain_mask.weights, mask)
    assert chosen_export("auto", None, exported, Path(checkpoint), {}) == exported
    mask.write_bytes(b"other weights")
    assert chosen_export("auto", None, exported, Path(checkpoint), {}) is None
    assert "they are of another brain mask than brain_mask.pt." in caplog.text


def test_an_export_of_another_version_is_refused_where_it_is_named_and_else_not_used(copy, setup, tmp_path, caplog):
    content = json.loads((copy / "export.json").read_text())
    (copy / "export.json").write_text(json.dumps({**content, "version": "0.0.1"}))
    assert chosen_export("auto", None, copy, setup.checkpoint, {}) is None
    assert "PyTorch scores, and not the exported files" in caplog.text
    assert f"export.json is of the version 0.0.1 of the bundle, and this is {content['version']}." in caplog.text
    with pytest.raises(InputError, match=r"is of the version 0\.0\.1 of the bundle"):
        open_export(copy, "fp32", {}, CONFIG)


def test_a_broken_export_that_nobody_named_is_not_used(copy, setup, caplog):
    (copy / "export.json").write_text("{")
    assert chosen_export("auto", None, copy, setup.checkpoint, {}) is None
    assert "PyTorch scores, and not the exported files" in caplog.text
    assert "export.json is no readable JSON file." in caplog.text


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
