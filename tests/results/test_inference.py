"""Files to results by exported files, as a person and as a server ask for them."""

import csv
import json
import logging
import subprocess
import sys

import numpy as np
import pydicom
import pytest
from PIL import Image

from bundle.errors import InputError
from bundle.phantom import Conformant, Manifest, write_phantoms
from bundle.results import Inference, InferenceSettings
from bundle.runtime import Runtime
from bundle.runtime.export_file import CLASSIFIERS
from bundle.sources.unlabelled import find_images
from tests.conftest import ROOT

_FOREIGN = ("torch", "monai", "ignite", "matplotlib", "pandas", "sklearn")
_RUN = f"""
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module("scripts.predict", run_name="__main__", alter_sys=True)
finally:
    print("imported:", *(name for name in {_FOREIGN} if name in sys.modules), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    """Two conformant heads of three slices."""
    folder = tmp_path_factory.mktemp("heads")
    write_phantoms(folder, Manifest(patients=2, slices=3, size=64, conformant=Conformant()), processes=1)
    return folder / "stage_2_train"


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_a_study_gives_all_results_and_says_which_runtime_gave_them(exported, heads, tmp_path, name, capsys):
    runtime = Runtime(exported, name)
    inference = Inference(runtime, InferenceSettings(overlays=1, head_threshold=0.01))
    answer = inference(heads, tmp_path / "out", tmp_path / "dicom")
    assert answer.status == 0 and capsys.readouterr() == ("", ""), "a server shows nothing"
    rows, _ = find_images(heads)
    scored = runtime.score(rows)
    slices = table(tmp_path / "out" / "slices.csv")
    assert [row["sop"] for row in slices] == [row["sop"] for row in rows]
    np.testing.assert_allclose([float(row["p_any"]) for row in slices], 1 - scored.probabilities[:, 0], atol=1e-6)
    said = json.loads((tmp_path / "out" / "results.json").read_text())
    assert said["series"] == list(answer.records.series) and len(said["series"]) == 2
    assert (said["runtime"], said["model"]) == (name, runtime.export.files[CLASSIFIERS[name]]["sha256"])
    assert (said["threshold"], said["head_threshold"]) == (runtime.export.threshold, 0.01)
    assert f"runtime: {name} ({CLASSIFIERS[name]})" in answer.summary()
    file = CLASSIFIERS[name].replace(".onnx", ".heads.json")
    assert f"no head is routine: there is no {file} beside {CLASSIFIERS[name]}" in answer.summary()
    objects = [pydicom.dcmread(file) for file in (tmp_path / "dicom").iterdir()]
    assert sorted(each.Modality for each in objects) == ["KO", "KO", "OT", "OT", "SR", "SR"]
    for picture in [row["overlay"] for row in slices if row["overlay"]]:
        with Image.open(tmp_path / "out" / picture) as image:
            assert np.ptp(np.asarray(image).astype(int), axis=-1).max() > 20, "the evidence in colours"
    assert "For research" in (tmp_path / "out" / "index.html").read_text()


def test_the_classifier_sees_each_slice_once(exported, heads, tmp_path, monkeypatch):
    runtime = Runtime(exported, "int8")
    seen, classify = [], runtime.classifier._run
    monkeypatch.setattr(runtime.classifier, "_run", lambda images: seen.append(len(images)) or classify(images))
    settings = InferenceSettings(overlays=2, threshold=0.01)
    answer = Inference(runtime, settings)(heads, tmp_path / "out", tmp_path / "dicom")
    assert all(series["hemorrhage"] and series["where_side"] is not None for series in answer.records.series)
    assert sum(seen) == 2 * 6, "and its mirror image"


def test_studies_after_each_other_have_their_own_results(exported, heads, tmp_path):
    files = sorted(heads.iterdir())
    inference = Inference(Runtime(exported, "fp32"), InferenceSettings(page_heads=0))
    (tmp_path / "bad.dcm").write_bytes(b"no DICOM")
    for number, paths in enumerate(([files[0]], [files[1], tmp_path / "bad.dcm"])):
        answer = inference(paths, tmp_path / str(number))
        assert answer.status == 2 * number
        assert [each["image"].split("/")[-1] for each in answer.records.slices] == [files[number].name]
    assert [each["image"] for each in table(tmp_path / "1" / "failed.csv")] == [f"{tmp_path.name}/bad.dcm"]
    assert not (tmp_path / "0" / "index.html").exists()
    nothing = inference(tmp_path / "bad.dcm", tmp_path / "2")
    assert nothing.status == 1 and not nothing.records.slices and (tmp_path / "2" / "results.json").exists()
    with pytest.raises(InputError, match="absent does not exist"):
        inference(tmp_path / "absent", tmp_path / "3")
    assert not (tmp_path / "3").exists()


def test_slices_that_are_cut_short_and_files_beside_them_make_the_answer_partial(exported, heads, tmp_path):
    files = sorted(heads.iterdir())
    first = [
        file for file in files if pydicom.dcmread(file).StudyInstanceUID == pydicom.dcmread(files[0]).StudyInstanceUID
    ]
    for number, file in enumerate(first):
        content = file.read_bytes()
        (tmp_path / f"{number}.dcm").write_bytes(content if number else content[: len(content) * 2 // 3])
    (tmp_path / "empty.dcm").touch()
    inference = Inference(Runtime(exported, "fp32"), InferenceSettings(page_heads=0))
    answer = inference(tmp_path, tmp_path / "out", tmp_path / "dicom")
    assert answer.status == 2
    (series,) = answer.records.series
    assert "1 of its slices could not be scored; 1 file beside it could not be read" in series["refer_reason"]
    assert [list(each) for each in table(tmp_path / "out" / "failed.csv")] == [["image", "reason"]] * 2
    report = pydicom.dcmread(tmp_path / "dicom" / series["dicom_results"].split("|")[0])
    assert report.CompletionFlag == "PARTIAL"


def test_without_a_map_of_evidence_there_are_tables_and_the_reason(exported, heads, tmp_path, caplog):
    runtime = Runtime(exported, "fp32")
    runtime.classifier._outputs = [name for name in runtime.classifier._outputs if name != "evidence"]
    caplog.set_level(logging.WARNING)
    answer = Inference(runtime, InferenceSettings(threshold=0.01))(heads, tmp_path / "out", tmp_path / "dicom")
    assert answer.status == 0 and len(table(tmp_path / "out" / "slices.csv")) == 6
    assert all("draws no map of evidence" in series["no_dicom_results"] for series in answer.records.series)
    assert "draws no map of evidence; set overlays to 0; where its bleed is seen is not reported" in caplog.text


def predict(*arguments, cwd=ROOT):
    line = [sys.executable, "-c", _RUN, "predict", *map(str, arguments)]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True)


def test_the_command_imports_neither_pytorch_nor_monai(exported, heads, tmp_path):
    done = predict(
        heads, "--runtime", "int8", "--export_dir", exported, "--output", tmp_path / "out", "--overlays", 1,
        "--dicom", tmp_path / "dicom", "--threshold", 0.01,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1].split() == ["imported:"]
    assert "runtime: int8 (classifier.int8.onnx)" in done.stdout
    assert len(list((tmp_path / "dicom").iterdir())) == 6 and len(list((tmp_path / "out" / "overlays").iterdir())) == 2
    assert (tmp_path / "out" / "index.html").exists()


def test_the_command_prints_json_alone(exported, heads, tmp_path):
    done = predict(heads, "--export_dir", exported, "--output", tmp_path / "out", "--json", "--mirrored", "false")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["runtime"] == "int8", "auto is int8 where it is offered"
