import json

import numpy as np
import pytest

from bundle.datalist import write_datalist
from bundle.errors import InputError
from bundle.export import agreement, compared, export_folder, folder
from bundle.files import file_sha256
from bundle.runtime.export_file import check_file, read_export
from bundle.uncertainty import read_uncertainty

COMMON = {"brain_mask.onnx", "classifier.onnx", "classifier.ts", "export.json", "self_test.npz"}
OF_DATA = {"classifier.uncertainty.npz"}
OF_INT8 = {"classifier.int8.onnx", "classifier.int8.uncertainty.npz"}


def names(path):
    return {each.name for each in path.iterdir()}


def test_each_file_is_described_and_each_runtime_calibrated(exported, setup):
    assert names(exported) == COMMON | OF_DATA | OF_INT8
    export = read_export(exported)
    assert set(export.files) == names(exported) - {"export.json"}
    for name in export.files:
        assert check_file(exported, export, name) == exported / name
    assert export.checkpoint == file_sha256(setup.checkpoint)
    for entry in export.runtimes.values():
        assert entry.calibration.slices == 64 and len(entry.calibration.operating_points) == 3
        # The uncertainty is that of the very file: read_uncertainty compares the hash.
        assert read_uncertainty(exported / entry.file, export.task, None).gaussian.mean.shape == (16,)
    fp32, int8 = export.runtimes["fp32"], export.runtimes["int8"]
    assert (fp32.calibration.temperature, fp32.calibration.shift) == (1.0, 0.0)
    assert fp32.parity["slices"] == 64 and fp32.parity["max_probability_difference"] <= 1e-4
    assert fp32.accuracy["flipped"] == 0 and int8.accuracy["max_difference"] > 0


def test_the_same_checkpoint_and_data_give_the_same_bytes(exported, setup, data, tmp_path):
    export_folder(setup, tmp_path, data, None, int8=True)
    # The description differs in the hash of the TorchScript file, see tests/export/test_torch_files.py.
    for name in names(exported) - {"classifier.ts", "export.json"}:
        assert (tmp_path / name).read_bytes() == (exported / name).read_bytes(), name


def test_int8_that_flips_calls_is_no_file_and_one_sentence(setup, data, tmp_path, monkeypatch):
    export_folder(setup, tmp_path, data, None, int8=True)
    monkeypatch.setattr(agreement, "MAX_P95", -1.0)
    with pytest.raises(InputError, match=r"^int8 is not offered on 64 validation slices: P\(any\) differs by 0\.\d+"):
        export_folder(setup, tmp_path, data, None, int8=True)
    # The int8 file of the earlier export is gone, too.
    assert names(tmp_path) == COMMON | OF_DATA
    assert set(read_export(tmp_path).runtimes) == {"fp32"}


@pytest.mark.parametrize("bound", ["MAX_DIFFERENCE", "MAX_MASK_DIFFERENCE"])
def test_files_that_differ_from_pytorch_are_not_written(exported, setup, tmp_path, monkeypatch, bound):
    monkeypatch.setattr(compared, bound, -1.0)
    with pytest.raises(InputError, match=r"the exported files differ from PyTorch by .* on 64 slices"):
        export_folder(setup, tmp_path, None, None, int8=True)
    assert names(tmp_path) == set()


def test_without_a_data_set_there_is_no_int8_and_no_calibration(setup, tmp_path):
    export_folder(setup, tmp_path, None, None, int8=True)
    assert names(tmp_path) == COMMON
    content = json.loads((tmp_path / "export.json").read_text())
    assert content["runtimes"]["fp32"]["calibration"] is None


def test_too_few_training_slices_are_one_sentence(setup, data, tmp_path):
    content = json.loads((data / "datalist.json").read_text())
    write_datalist(tmp_path / "few.json", {**content, "training": content["training"][:100]})
    with pytest.raises(InputError, match="has 100 training slices to calibrate int8 with, and 128 are needed"):
        export_folder(setup, tmp_path / "out", data, tmp_path / "few.json", int8=True)


def test_the_slices_of_the_calibration_are_spread_and_a_third_bleed():
    assert folder.spread(10, 3).tolist() == [0, 4, 9]
    assert np.array_equal(folder.spread(3, 10), [0, 1, 2])
