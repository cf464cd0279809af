import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from bundle.errors import InputError
from bundle.runtime import Runtime, read_export
from bundle.runtime.classifier import BATCH, Classifier, probabilities
from bundle.sources.unlabelled import find_images
from bundle.uncertainty import read_uncertainty
from tests.conftest import ROOT
from tests.export.tiny import SIZE


@pytest.fixture(scope="module")
def rows(data):
    found, rejected = find_images(data / "stage_2_train", all_series=True)
    assert not rejected
    return found[:20]


@pytest.fixture
def copy(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "copy")


def test_neither_pytorch_nor_monai_is_imported(exported, data):
    code = (
        "import sys; from bundle.runtime import Runtime; from bundle.sources.unlabelled import find_images\n"
        "scored = Runtime(sys.argv[1], 'int8').score(find_images(sys.argv[2], all_series=True)[0][:4])\n"
        "assert scored.scored.all() and scored.distances.all()\n"
        "print(*(name for name in ('torch', 'monai', 'ignite', 'sklearn', 'pandas') if name in sys.modules))"
    )
    line = [sys.executable, "-c", code, exported, data / "stage_2_train"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", ["fp32", "int8"])
def test_probabilities_are_calibrated_and_have_their_distance(exported, rows, name):
    runtime = Runtime(exported, name)
    scored = runtime.score(rows)
    squares = [square for batch in runtime.squares([[row] for row in rows]) for square in batch]
    outputs = runtime.classifier(np.stack([each.levels for each in squares]))
    expected = probabilities(outputs.logits, "subtype", runtime.calibration)
    np.testing.assert_array_equal(scored.probabilities, expected)
    uncertainty = read_uncertainty(exported / runtime.export.runtimes[name].file, "subtype", runtime.view)
    np.testing.assert_array_equal(scored.distances, uncertainty.gaussian.distances(outputs.features))
    assert scored.evidence.shape == (20, SIZE // 2, SIZE // 2) and (scored.evidence >= 0).all()
    assert [each.box for each in squares] == scored.boxes


def test_a_slice_that_cannot_be_read_changes_no_other(exported, rows, tmp_path):
    (tmp_path / "bad.dcm").write_bytes(b"no DICOM")
    bad = {**rows[1], "image": str(tmp_path / "bad.dcm")}
    runtime = Runtime(exported, "fp32")
    scored, without = runtime.score([rows[0], bad, rows[2]]), runtime.score([rows[0], rows[2]])
    assert scored.scored.tolist() == [True, False, True] and "bad.dcm" in scored.reasons[1]
    np.testing.assert_allclose(scored.probabilities[[0, 2]], without.probabilities, atol=1e-6)
    assert np.isnan(scored.evidence[1]).all() and np.isnan(scored.distances[1])


def test_thin_slices_are_scored_as_slabs(exported, rows, tmp_path):
    thin = [{**row, "series": "thin", "position": 1.25 * index} for index, row in enumerate(rows[:10])]
    (tmp_path / "bad.dcm").write_bytes(b"no DICOM")
    thin[6] = {**thin[6], "image": str(tmp_path / "bad.dcm")}
    runtime = Runtime(exported, "fp32")
    scored = runtime.score([rows[10], *thin])
    slabs = [[0], [1, 2, 3, 4], [5, 6, 8], [9, 10]]
    assert scored.scored.tolist() == [index != 7 for index in range(11)]
    (squares,) = runtime.squares([[[rows[10], *thin][index] for index in slab] for slab in slabs])
    outputs = runtime.classifier(np.stack([each.levels for each in squares]))
    for number, slab in enumerate(slabs):
        for index in slab:
            np.testing.assert_allclose(scored.evidence[index], outputs.evidence[number], atol=1e-6)
            assert scored.boxes[index] == squares[number].box
            np.testing.assert_array_equal(scored.probabilities[index], scored.probabilities[slab[0]])
    assert len({tuple(scored.probabilities[slab[0]]) for slab in slabs}) == 4


def test_nothing_that_can_be_read_is_no_error(exported, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    scored = Runtime(exported).score([{"image": str(tmp_path / "bad.png")}])
    assert scored.scored.tolist() == [False] and scored.probabilities.shape == (1, 6)


@pytest.mark.parametrize("count", [1, BATCH + 3])
def test_the_mirror_image_is_the_mean_of_two_looks(exported, count):
    images = np.random.default_rng(0).integers(0, 256, (count, 3, SIZE, SIZE), dtype=np.uint8)
    one, both = (Classifier(exported / "classifier.onnx", mirrored) for mirrored in (False, True))
    there, back = one(images), one(images[..., ::-1])
    found = both(images)
    np.testing.assert_allclose(found.logits, (there.logits + back.logits) / 2, atol=1e-6)
    np.testing.assert_allclose(found.evidence, (there.evidence + back.evidence[..., ::-1]) / 2, atol=1e-6)
    unit = images.astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(one(unit).logits, there.logits)


def test_auto_is_int8_where_it_is_offered(exported, copy):
    assert Runtime(exported).name == "int8"
    export = (copy / "export.json").read_text()
    start, end = export.index('    "int8": {'), export.index('  "brain_mask": {\n')
    (copy / "export.json").write_text(export[:start].rstrip().rstrip(",") + "\n  },\n" + export[end:])
    assert set(read_export(copy).runtimes) == {"fp32"} and Runtime(copy).name == "fp32"
    with pytest.raises(InputError, match="does not offer the runtime int8; use fp32, or export with --dataset_dir"):
        Runtime(copy, "int8")
    with pytest.raises(InputError, match="the runtime must be one of auto, fp32, int8, got 'int4'"):
        Runtime(copy, "int4")


def test_a_file_that_was_changed_is_one_sentence(copy):
    with (copy / "brain_mask.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(InputError, match=r"brain_mask\.onnx is not the file that export\.json describes"):
        Runtime(copy)


def test_without_its_uncertainty_a_classifier_scores_and_says_so(copy, rows):
    (copy / "classifier.int8.uncertainty.npz").unlink()
    runtime = Runtime(copy, "int8")
    assert runtime.no_uncertainty == (
        "there is no classifier.int8.uncertainty.npz beside classifier.int8.onnx; "
        "export a checkpoint that has one, or with --dataset_dir"
    )
    assert runtime.score(rows[:2]).distances is None


def test_without_onnx_runtime_there_is_one_sentence(exported, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match="need the package onnxruntime, which is not installed; pip install"):
        Runtime(exported)


@pytest.mark.parametrize("size", [0, 2 * SIZE])
def test_an_export_that_describes_other_images_than_its_classifier_takes_is_refused(copy, size):
    described = json.loads((copy / "export.json").read_text())
    described["preprocessing"]["image_size"] = size
    (copy / "export.json").write_text(json.dumps(described))
    with pytest.raises(InputError, match=f"takes images of . × {SIZE} × {SIZE}, and export.json describes"):
        Runtime(copy, "fp32")


@pytest.mark.parametrize("name", ["classifier.int8.uncertainty.npz", "classifier.int8.heads.json"])
def test_what_was_fitted_with_a_classifier_is_refused_where_it_was_changed_after_the_export(copy, name):
    if name not in (files := json.loads((copy / "export.json").read_text()))["files"]:
        (copy / name).write_text("{}")
        files["files"][name] = {"sha256": "0" * 64, "bytes": 2}
        (copy / "export.json").write_text(json.dumps(files))
    (copy / name).write_bytes((copy / name).read_bytes() + b" ")
    with pytest.raises(InputError, match=f"{name} is not the file that export.json describes"):
        Runtime(copy, "int8")
