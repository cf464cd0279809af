"""The worker that scores, with tiny exported files, from slices that are sent to objects that a PACS gets."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest

from bundle.dicom_results import Earlier
from bundle.errors import InputError
from bundle.heads import HeadCalibration, Heads, write_heads
from bundle.node import Node, inference, read_config
from bundle.node.inference import open_scorer, study_verdict
from bundle.node.worker_process import WorkerProcess
from bundle.results import dicom_objects
from tests.conftest import ROOT
from tests.export.tiny import tiny_cache, tiny_data, tiny_exported, tiny_setup_fixture
from tests.node.conftest import send, states, wait_for

__all__ = ["tiny_cache", "tiny_data", "tiny_exported", "tiny_setup_fixture"]


@pytest.fixture
def first_line(exported) -> dict:
    return {"export": str(exported), "runtime": "fp32", "threads": 1, "station": "TEST", "memory_mb": 2048}


@pytest.fixture
def worker(first_line):
    worker = WorkerProcess([sys.executable, "-m", "bundle.node.inference"])
    worker.open(first_line)
    yield worker
    worker.kill()


@pytest.fixture
def files(study, tmp_path):
    for index, dataset in enumerate(study(slices=6)):
        dataset.save_as(tmp_path / f"{index}.dcm", enforce_file_format=True)
    return [str(tmp_path / f"{index}.dcm") for index in range(6)]


def request(files, folder, number=0, action="", reports=(), lacking=()):
    folder.mkdir()
    return {
        "files": files, "folder": str(folder), "lacking": list(lacking),
        "earlier_number": number, "earlier_action": action, "earlier_reports": list(reports),
    }  # fmt: skip


def test_a_node_with_exported_files_answers(exported, settings, config_file, pacs, study):
    settings["export"], settings["runtime"] = str(exported), "fp32"
    node = Node(read_config(config_file()))
    node.start()
    try:
        assert send(node, study(slices=6)) == [0] * 6
        wait_for(lambda: states(node) == ["answered"], 120)
        assert pacs.kinds() == ["KO", "OT", "SR"]
        (report,) = [each for each in pacs.objects.values() if each.Modality == "SR"]
        assert report.InstanceNumber == 1 and "PredecessorDocumentsSequence" not in report
        row = node.journal.read("SELECT * FROM job")[0]
        assert row["action"] in ("read first", "read soon", "routine") and 0 <= row["p_any"] <= 1
    finally:
        node.stop()


def test_the_same_slices_have_the_same_uids_and_a_later_answer_names_the_earlier(worker, files, tmp_path):
    first = worker.ask(request(files[:4], tmp_path / "first"), 60)
    again = worker.ask(request(files[:4][::-1], tmp_path / "again"), 60)
    assert [each["uid"] for each in first["objects"]] == [each["uid"] for each in again["objects"]]
    assert first["inputs"] == sorted(str(pydicom.dcmread(file).SOPInstanceUID) for file in files[:4])
    reports = [
        {"uid": each["uid"], "series": each["series"]} for each in first["objects"] if each["file"].startswith("SR")
    ]
    later = worker.ask(request(files, tmp_path / "later", 1, "read first", reports), 60)
    assert later["action"] != "routine"
    (name,) = [each["file"] for each in later["objects"] if each["file"].startswith("SR")]
    report = pydicom.dcmread(tmp_path / "later" / name)
    assert report.InstanceNumber == 2
    assert report.SeriesInstanceUID == reports[0]["series"]
    (series,) = report.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == reports[0]["uid"]
    assert sorted(path.suffix for path in (tmp_path / "later").iterdir()) == [".dcm"] * 3


def test_what_is_no_head_has_no_answer_and_what_cannot_be_scored_a_reason(worker, study, files, tmp_path):
    abdomen = study(1)
    for index, dataset in enumerate(abdomen):
        dataset.BodyPartExamined, dataset.SeriesDescription = "ABDOMEN", "Abdomen"
        dataset.StudyDescription = "Abdomen"
        dataset.save_as(tmp_path / f"abdomen{index}.dcm", enforce_file_format=True)
    other = worker.ask(request([str(path) for path in tmp_path.glob("abdomen*.dcm")], tmp_path / "other"), 60)
    assert (other["action"], other["inputs"], other["objects"]) == ("", [], [])
    assert "ABDOMEN" in other["reason"] or "not a head" in other["reason"]
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(Path(files[0]).read_bytes()[:2000])
    assert "error" in worker.ask(request([str(broken)], tmp_path / "broken"), 60)


def test_a_bad_slice_costs_itself_and_the_answer_says_that_it_is_partial(worker, files, tmp_path):
    content = Path(files[2]).read_bytes()
    Path(files[2]).write_bytes(content[: len(content) - 500])
    answer = worker.ask(request(files, tmp_path / "out"), 60)
    assert len(answer["inputs"]) == 5 and len(answer["objects"]) == 3
    assert answer["action"] != "routine"
    without = worker.ask(request(files[:2] + files[3:], tmp_path / "without"), 60)
    assert without["inputs"] == answer["inputs"] and without["said"] != answer["said"]
    after = worker.ask(request(files, tmp_path / "after", 1, "read first"), 60)
    assert after["said"] == answer["said"], "what was said before is none of it"
    (name,) = [each["file"] for each in answer["objects"] if each["file"].startswith("SR")]
    assert pydicom.dcmread(tmp_path / "out" / name).CompletionFlag == "PARTIAL"


def test_what_the_worker_does_not_get_is_said_in_the_verdict_and_in_each_report(worker, files, tmp_path):
    unread = "its multi-frame objects were not read"
    answer = worker.ask(request(files, tmp_path / "out", lacking=[unread]), 60)
    assert answer["action"] != "routine"
    assert unread in answer["reason"] and unread in str(answer["said"])
    (name,) = [each["file"] for each in answer["objects"] if each["file"].startswith("SR")]
    report = pydicom.dcmread(tmp_path / "out" / name)
    assert report.CompletionFlag == "PARTIAL" and unread in report.to_json()


def test_a_series_whose_every_file_is_cut_short_counts_in_the_verdict(worker, study, files, tmp_path):
    for index, dataset in enumerate(study(slices=3)):
        dataset.SeriesInstanceUID, dataset.SOPInstanceUID = "1.2.9", f"1.2.9.{index}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(tmp_path / f"lost{index}.dcm", enforce_file_format=True)
        content = (tmp_path / f"lost{index}.dcm").read_bytes()
        (tmp_path / f"lost{index}.dcm").write_bytes(content[: len(content) - 500])
    answer = worker.ask(request([*files, *map(str, tmp_path.glob("lost*.dcm"))], tmp_path / "out"), 60)
    assert answer["action"] != "routine" and len(answer["inputs"]) == 6
    assert "a series has no results: none of its slices could be scored" in answer["reason"]


def test_a_study_of_several_patients_is_not_answered(worker, study, files, tmp_path):
    for index, dataset in enumerate(study()):
        dataset.PatientID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = "OTHER", "1.2.9", f"1.2.9.{index}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(tmp_path / f"other{index}.dcm", enforce_file_format=True)
    answer = worker.ask(
        request([*files, *map(str, tmp_path.glob("other*.dcm"))], tmp_path / "out", 1, "read first"), 60
    )
    assert answer.keys() == {"error"}
    assert "several patients" in answer["error"] and "OTHER" not in answer["error"]
    assert list((tmp_path / "out").iterdir()) == []


def test_a_series_without_results_counts_in_the_verdict():
    def series(action, p_any, reason=""):
        return {"action": action, "p_any": p_any, "refer_reason": "", "no_dicom_results": reason}

    answered, lacking = series("routine", 0.03), "it names no series"
    said = "a series has no results: it names no series"
    first = study_verdict([series("read first", 0.97, lacking), answered], Earlier())
    assert first == {"action": "read first", "p_any": 0.97, "reason": said}
    soon = study_verdict([series("routine", 0.02, lacking), answered], Earlier())
    assert soon == {"action": "read soon", "p_any": 0.03, "reason": said}
    assert study_verdict([answered], Earlier()) == {"action": "routine", "p_any": 0.03, "reason": ""}


def test_a_full_disk_lets_a_study_wait_and_costs_no_series(first_line, files, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("logging.disable", lambda: None)  # which is for a process of its own
    _, score = open_scorer(first_line)
    monkeypatch.setattr(dicom_objects, "written_whole", full)
    with pytest.raises(InputError, match="No space left on device") as caught:
        score(request(files, tmp_path / "full"))
    assert isinstance(caught.value.__cause__, OSError), "which the worker says as a full disk"


def test_heads_are_judged_by_what_lay_beside_the_file_when_it_was_opened(first_line, exported, tmp_path, monkeypatch):
    monkeypatch.setattr("logging.disable", lambda: None)
    folder = shutil.copytree(exported, tmp_path / "exported")
    file, setup = folder / "classifier.onnx", {**first_line, "export": str(folder)}
    found = open_scorer(setup)[1]._inference.model

    def calibrate(normal):
        calibration = HeadCalibration(1.0, 0.0, normal, 0.9, 10, 10)
        write_heads(file, Heads(found.task, found.view, calibration, None))

    calibrate(0.1)
    about, score = open_scorer(setup)
    calibrate(0.2)
    assert score._inference.model.heads.placed.normal == 0.1
    assert open_scorer(setup)[0]["model"] != about["model"], "another calibration gives other answers"
    runtime_of = inference.Runtime

    def replaced(*arguments, **options):
        runtime = runtime_of(*arguments, **options)
        file.write_bytes(b"another")
        return runtime

    monkeypatch.setattr(inference, "Runtime", replaced)
    with pytest.raises(InputError, match="was replaced while it was opened"):
        open_scorer(setup)


def test_neither_the_node_nor_its_worker_imports_torch_or_monai(first_line, files, tmp_path):
    code = (
        "import sys, json; import bundle.node.service, scripts.serve; from bundle.node.inference import open_scorer;"
        "about, score = open_scorer(json.loads(sys.argv[1])); score(json.loads(sys.argv[2]));"
        "print([name for name in ('torch', 'monai', 'ignite', 'matplotlib') if name in sys.modules])"
    )
    asked = json.dumps(request(files, tmp_path / "out"))
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(first_line), asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_check_says_what_would_run(command, exported, settings, config_file):
    settings["export"] = str(exported)
    done = command("scripts.serve", config_file(), "--check")
    assert done.returncode == 0, done.stderr
    assert "receives as BRAIN_CT_AI on 127.0.0.1:0" in done.stdout
    assert "scores with auto of fp32" in done.stdout
    settings["export"] = str(exported / "missing")
    done = command("scripts.serve", config_file(), "--check")
    assert done.returncode == 1 and done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1
