"""DICOM results of an inference, from conformant files to objects, and of files that can have none."""

import json
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pydicom
import pytest

from bundle.errors import InputError
from bundle.explain import Explainer
from bundle.phantom import Conformant, Manifest, write_phantoms
from bundle.readers.dicom_values import quiet_pydicom
from bundle.results import Collected, Model, Page, Records, Results
from bundle.results.dicom_objects import DicomObjects
from bundle.sources.unlabelled import find_images
from tests.deploy.test_results import SAMPLES
from tests.explain.bright import BrightCorner
from tests.predictions.views import VIEW

P_ANY = (0.1, 0.9, 0.5, 0.4)


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    """Two conformant heads of two slices each, and the first of them as the RSNA set has it."""
    folder = tmp_path_factory.mktemp("heads")
    for name, conformant in (("conformant", Conformant()), ("plain", None)):
        manifest = Manifest(patients=2, slices=2, size=32, conformant=conformant)
        write_phantoms(folder / name, manifest, processes=1)
    return folder


def infer(images, folder, reasons=("",) * 4, p_any=P_ANY):
    """Run the end of an inference on files, and return what results.json says and the objects."""
    rows, _ = find_images(images, all_series=True)
    probabilities = np.array([[1 - p, p] for p in p_any], dtype=np.float32)
    collected = Collected(probabilities, reasons, no_uncertainty="there is none")
    explainer = Explainer(BrightCorner(), SAMPLES, rows, "binary", "conv")
    results = Results(model(folder), Page(0))
    results.prepare(folder / "out", folder / "dicom")
    print(results.write(collected, explainer, [], images, folder / "out", folder / "dicom").summary())
    return json.loads((folder / "out" / "results.json").read_text()), sorted((folder / "dicom").iterdir())


def model(folder):
    (folder / "model.pt").write_bytes(b"weights")
    return Model(folder / "model.pt", "binary", replace(VIEW, slice_smoothing=0.0))


def probability(report):
    """Return the value of the first group."""
    group = report.ContentSequence[-1].ContentSequence[0]
    (item,) = [each for each in group.ContentSequence if each.ValueType == "NUM"]
    return float(item.MeasuredValueSequence[0].NumericValue)


def test_each_head_has_three_objects_whose_values_are_those_of_the_results(heads, tmp_path, capsys, caplog):
    caplog.set_level("INFO")
    results, files = infer(heads / "conformant" / "stage_2_train", tmp_path)
    assert f"DICOM results of 2 of 2 series: {tmp_path / 'dicom'}" in capsys.readouterr().out
    assert len(files) == 6
    assert not [each for each in caplog.records if each.name.startswith(("highdicom", "pydicom"))], "they log UIDs"
    objects = {file.name: pydicom.dcmread(file) for file in files}
    for series in results["series"]:
        assert series["no_dicom_results"] == ""
        report, capture, selection = (objects[name] for name in series["dicom_results"].split("|"))
        assert [each.Modality for each in (report, capture, selection)] == ["SR", "OT", "KO"]
        assert {each.StudyInstanceUID for each in (report, capture, selection)} == {series["study"]}
        assert probability(report) == round(100 * series["p_any"], 1)
        assert report.CompletionFlag == "PARTIAL", "two slices are no whole head"
        used = [item.TextValue for item in report.ContentSequence[-1].ContentSequence[0].ContentSequence
                if item.ConceptNameCodeSequence[0].CodeValue == "111002"]  # fmt: skip
        assert f"head_threshold {series['threshold']}" in used
        (source,) = capture.SourceImageSequence
        assert source.ReferencedSOPInstanceUID == series["most_suspicious_sop"]
        pixels = capture.pixel_array.astype(int)
        assert pixels.shape == (32, 32, 3) and np.ptp(pixels, axis=-1).max() > 50, "a heat map in colours"


def test_a_second_run_leaves_what_is_there_and_another_answer_is_another_object(heads, tmp_path):
    images = heads / "conformant" / "stage_2_train"
    _, files = infer(images, tmp_path)
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}
    assert infer(images, tmp_path)[1] == files
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files} == before
    failed = ("", "", "", "it is cut short")
    assert len(infer(images, tmp_path, failed)[1]) == 9


def test_a_later_answer_is_numbered_after_those_in_the_folder_and_names_them(heads, tmp_path, caplog):
    images, answers = heads / "conformant" / "stage_2_train", []
    for highest in (0.9, 0.8, 0.7, 0.9):
        (tmp_path / "dicom").mkdir(exist_ok=True)
        (tmp_path / "dicom" / "SR_damaged.dcm").write_bytes(b"no DICOM")
        results, _ = infer(images, tmp_path, p_any=(0.1, highest, 0.5, 0.4))
        (changed,) = [each for each in results["series"] if round(each["p_any"], 6) == highest]
        answers.append([pydicom.dcmread(tmp_path / "dicom" / name) for name in changed["dicom_results"].split("|")])
    assert [[each.InstanceNumber for each in answer] for answer in answers] == [[1] * 3, [2] * 3, [3] * 3, [1] * 3]
    reports = [answer[0] for answer in answers]
    assert len({each.SeriesInstanceUID for each in reports}) == 1 and answers[3] == answers[0], "it was there"
    named = [
        [
            item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
            for study in each.get("PredecessorDocumentsSequence", [])
            for item in study.ReferencedSeriesSequence
        ]
        for each in reports
    ]
    first, second = (each.SOPInstanceUID for each in reports[:2])
    assert named == [[], [first], [first, second], []]
    assert "SR_damaged.dcm cannot be read" in caplog.text


def test_files_without_usable_uids_have_none_and_the_reason_is_said(heads, tmp_path, capsys, caplog):
    images = tmp_path / "rsna"
    images.mkdir()
    for number, file in enumerate(sorted((heads / "plain" / "stage_2_train").iterdir())):
        dataset = pydicom.dcmread(file)
        del dataset.SOPClassUID
        with quiet_pydicom():
            dataset.StudyInstanceUID = f"ID_{number % 2}"
            pydicom.dcmwrite(images / f"{number}.dcm", dataset)
    results, files = infer(images, tmp_path)
    assert files == []
    for series in results["series"]:
        assert series["dicom_results"] == ""
        assert "has a StudyInstanceUID that is no DICOM UID" in series["no_dicom_results"]
        assert str(tmp_path) not in series["no_dicom_results"]
        assert f"There are no DICOM results of a series: {series['no_dicom_results']}." in caplog.messages
    assert "DICOM results of 0 of" in capsys.readouterr().out


def test_headers_that_are_not_complete_have_objects_all_the_same(heads, tmp_path):
    _, files = infer(heads / "plain" / "stage_2_train", tmp_path)
    assert len(files) == 6
    for file in files:
        made = pydicom.dcmread(file)
        assert not made.PatientBirthDate and not made.AccessionNumber and not made.StudyDate


def test_times_of_a_source_without_a_zone_are_in_that_of_the_process(heads, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        before = datetime.now()
        _, files = infer(heads / "plain" / "stage_2_train", tmp_path)
        wanted = before.astimezone().strftime("%z")
    finally:
        monkeypatch.undo()
        time.tzset()
    made = pydicom.dcmread(files[0])
    assert made.TimezoneOffsetFromUTC == wanted in ("-0500", "-0400")
    written = datetime.strptime(made.ContentDate + made.ContentTime, "%Y%m%d%H%M%S")
    assert timedelta(seconds=-1) <= written - before < timedelta(minutes=10)


def test_a_series_without_a_scored_slice_has_none(heads, tmp_path):
    results, files = infer(heads / "conformant" / "stage_2_train", tmp_path, ("", "", "no", "no"))
    assert len(files) == 3
    assert sorted(each["no_dicom_results"] for each in results["series"]) == ["", "none of its slices could be scored"]


@pytest.mark.parametrize("cut_off", [False, True])
def test_a_whole_head_is_complete_unless_something_of_it_is_missing(cut_off, tmp_path):
    write_phantoms(tmp_path / "set", Manifest(1, slices=12, size=32, conformant=Conformant()), processes=1)
    rows, _ = find_images(tmp_path / "set" / "stage_2_train")
    slices = [{**row, "slice": "", "p_any": 0.2} for row in rows]
    series = {"action": "routine", "p_any": 0.2, "refer_reason": "", "study": rows[0]["study"],
              "series": rows[0]["series"], "part": "", "threshold": 0.268386}  # fmt: skip
    names = [(series["study"], series["series"], series["part"])] if cut_off else []
    objects = DicomObjects("HERE")
    algorithm = objects.algorithm(model(tmp_path), "gradcam", 0.3)
    black = np.zeros((32, 32, 3), np.uint8)
    records = objects.write(
        tmp_path, Records(slices, [series], []), algorithm, rows, names, lambda index, verdict: black, tmp_path
    )
    report = pydicom.dcmread(tmp_path / records.series[0]["dicom_results"].split("|")[0])
    assert report.CompletionFlag == ("PARTIAL" if cut_off else "COMPLETE")


def test_highdicom_is_asked_for_before_anything_is_run(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("bundle.dicom_results.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "highdicom", None)
    with pytest.raises(InputError, match=r"python -m pip install -r requirements-deploy\.txt"):
        Results(model(tmp_path)).prepare(tmp_path / "out", tmp_path / "dicom")
    Results(model(tmp_path)).prepare(tmp_path / "out")


def test_a_folder_that_cannot_be_written_to_is_said_before(tmp_path):
    Path(tmp_path / "dicom").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        DicomObjects("HERE").prepare(tmp_path / "dicom")
