import json
import re

import pytest

from bundle.datalist import bundle_version
from bundle.errors import InputError
from bundle.labels import CLASSES
from bundle.runtime.export_file import (
    BUNDLE,
    SCHEMA,
    Calibration,
    Export,
    Preprocessing,
    RuntimeEntry,
    check_file,
    describe_file,
    read_export,
    write_export,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "classifier.onnx").write_bytes(b"weights")
    calibration = Calibration(100, 1.02, -0.01, [{"wanted": "sensitivity", "share": 0.9, "threshold": 0.31}])
    write_export(
        tmp_path,
        Export(
            schema=SCHEMA, bundle=BUNDLE, version=bundle_version(), checkpoint="0" * 64, task="binary",
            classes=CLASSES["binary"], standardise=True,
            preprocessing=Preprocessing(160, [[40, 80]] * 3, True, 0.015, 8), mirrored=True, slice_smoothing=4.0,
            threshold=0.3, files={"classifier.onnx": describe_file(tmp_path / "classifier.onnx")},
            runtimes={"fp32": RuntimeEntry("classifier.onnx", {"slices": 64}, calibration, None)}, brain_mask={},
            versions={"torch": "2.13.0"},
        ),
    )  # fmt: skip
    return tmp_path


def change(folder, **values):
    path = folder / "export.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_what_was_written_is_read(folder):
    export = read_export(folder)
    assert export.runtimes["fp32"].calibration.temperature == 1.02
    assert export.preprocessing.crop_margin == 8 and export.preprocessing.windows == [[40, 80]] * 3
    assert check_file(folder, export, "classifier.onnx").read_bytes() == b"weights"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"bundle": "spleen_ct_segmentation"}, "is of another bundle, 'spleen_ct_segmentation'; give one of"),
        ({"schema": 99}, "has the schema 99, and this version reads 1; export the checkpoint again"),
        (
            {"version": "0.0.1"},
            f"is of the version 0.0.1 of the bundle, and this is {bundle_version()}; export the checkpoint again",
        ),
        ({"task": "none"}, "is not as an export writes it; export the checkpoint again"),
        ({"runtimes": {"fp32": {}}}, "is not as an export writes it"),
        ({"preprocessing": 3}, "is not as an export writes it"),
    ],
)
def test_another_description_is_one_sentence(folder, values, sentence):
    change(folder, **values)
    with pytest.raises(InputError, match=re.escape(f"{folder / 'export.json'} {sentence}")):
        read_export(folder)


def test_no_description_and_a_broken_one_are_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"holds no export\.json; give a folder of exported files, or export"):
        read_export(tmp_path)
    (tmp_path / "export.json").write_text("{")
    with pytest.raises(InputError, match="is no readable JSON file"):
        read_export(tmp_path)


def test_a_changed_or_missing_file_is_one_sentence(folder):
    export = read_export(folder)
    (folder / "classifier.onnx").write_bytes(b"other weights")
    with pytest.raises(InputError, match="was changed after the export; export the checkpoint again"):
        check_file(folder, export, "classifier.onnx")
    (folder / "classifier.onnx").unlink()
    with pytest.raises(InputError, match=r"lacks classifier\.onnx"):
        check_file(folder, export, "classifier.onnx")
