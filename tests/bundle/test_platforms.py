"""What the guides give to other platforms runs as it stands there: on mercure's folders, on stubs of the App SDK."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pydicom
import pytest

from bundle.phantom import Conformant, Manifest, write_phantoms


def block(root, guide, language):
    """Return the one block of a language in a guide."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", (root / "docs" / guide).read_text(), re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture(scope="module")
def head(tmp_path_factory):
    """Folder of the slices of one phantom with a hemorrhage."""
    folder = tmp_path_factory.mktemp("head")
    write_phantoms(folder, Manifest(patients=1, slices=3, size=64, seed=0, conformant=Conformant()), processes=1)
    return folder / "stage_2_train"


def kinds(folder):
    return sorted(pydicom.dcmread(file, stop_before_pixels=True).Modality for file in folder.glob("*.dcm"))


def run_mercure(root, images, results):
    """Run the module of the guide on mercure's two folders."""
    script = results.parent / "mercure_module.py"
    script.write_text(block(root, "mercure.md", "python"))
    results.mkdir()
    given = {"MERCURE_IN_DIR": str(images), "MERCURE_OUT_DIR": str(results), "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, script], cwd=root, env={**os.environ, "OMP_NUM_THREADS": "1", **given},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_mercure_module_writes_results_and_a_notification(root, head, tmp_path):
    results = tmp_path / "out"
    done = run_mercure(root, head, results)
    assert done.returncode == 0, done.stderr
    assert kinds(results) == ["KO", "OT", "SR"]
    said = json.loads((results / "result.json").read_text())
    assert [head["action"] for head in said["heads"]] == ["read first"] or said["heads"][0]["refer_reason"]
    first = said["heads"][0]["action"] == "read first"
    assert said["__mercure_notification"]["requested"] is first
    assert f"{int(first)} of 1 head CT to read first" in said["__mercure_notification"]["text"]


def test_the_mercure_module_answers_where_one_series_cannot_be_scored(root, head, tmp_path):
    images = tmp_path / "in"
    shutil.copytree(head, images / "sound")
    (images / "damaged").mkdir()
    study, series = pydicom.uid.generate_uid(), pydicom.uid.generate_uid()
    for number, file in enumerate(sorted(head.iterdir())):
        dicom = pydicom.dcmread(file)
        dicom.StudyInstanceUID, dicom.SeriesInstanceUID = study, series
        dicom.SOPInstanceUID = dicom.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
        dicom.PixelData = pydicom.encaps.encapsulate([b"no picture"])
        dicom.file_meta.TransferSyntaxUID = pydicom.uid.JPEG2000Lossless
        dicom.save_as(images / "damaged" / f"{number}.dcm")
    done = run_mercure(root, images, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    heads = json.loads((tmp_path / "out" / "result.json").read_text())["heads"]
    assert [head["p_any"] is None for head in heads].count(True) == 1 and len(heads) == 2


def test_the_mercure_module_fails_where_nothing_can_be_scored(root, tmp_path):
    images = tmp_path / "in"
    images.mkdir()
    (images / "a.dcm").write_text("no DICOM")
    assert run_mercure(root, images, tmp_path / "out").returncode == 1
    assert not (tmp_path / "out" / "result.json").exists()


def test_the_container_gets_the_requirements_that_are_there(root):
    lines = block(root, "mercure.md", "dockerfile")
    for name in re.findall(r"-r (\S+)", lines):
        assert (root / name).is_file()
    assert "mercure_module.py" in lines


class Stub:
    """In place of the SDK's Operator, which keeps the fragment."""

    def __init__(self, fragment, *args, **kwargs):
        self.fragment = fragment


def operator(root, monkeypatch, **arguments):
    """Return the operator of the guide."""
    stubs = ModuleType("monai.deploy.core")
    stubs.Operator, stubs.Fragment, stubs.OperatorSpec = Stub, object, object
    stubs.ConditionType = SimpleNamespace(NONE=0)
    monkeypatch.setitem(sys.modules, "monai.deploy", ModuleType("monai.deploy"))
    monkeypatch.setitem(sys.modules, "monai.deploy.core", stubs)
    module = {"__name__": "operator_of_the_guide"}
    exec(compile(block(root, "monai_deploy.md", "python"), "monai_deploy.md", "exec"), module)
    return module["BrainHemorrhageOperator"](None, bundle=root, **arguments)


def study_of(folder):
    """Return a study as the selector hands it on."""
    slices = [pydicom.dcmread(file) for file in sorted(folder.iterdir())]
    instances = [SimpleNamespace(get_native_sop_instance=lambda each=each: each) for each in slices]
    series = SimpleNamespace(SeriesInstanceUID=slices[0].SeriesInstanceUID, get_sop_instances=lambda: instances)
    return SimpleNamespace(selected_series=[SimpleNamespace(series=series)])


def compute(made, studies):
    """Return what the operator hands on."""
    emitted = []
    made.compute(
        SimpleNamespace(receive={"study_selected_series_list": studies}.get),
        SimpleNamespace(emit=lambda value, port: emitted.append((value, port))),
        None,
    )
    return emitted


def test_the_operator_writes_results_of_the_selected_series(root, head, tmp_path, monkeypatch):
    ports = {"in": [], "out": []}
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    results = tmp_path / "results"
    made = operator(root, monkeypatch, python=sys.executable, output_folder=results)
    made.setup(
        SimpleNamespace(
            input=ports["in"].append,
            output=lambda name: ports["out"].append(name) or SimpleNamespace(condition=lambda kind: None),
        )
    )
    assert ports == {"in": ["study_selected_series_list"], "out": ["dicom_results"]}
    assert compute(made, [study_of(head)]) == [(results, "dicom_results")]
    assert kinds(results) == ["KO", "OT", "SR"]


@pytest.mark.parametrize("status", [0, 1, 2])
def test_the_operator_goes_on_after_a_study_of_which_not_all_could_be_read(
    root, head, tmp_path, monkeypatch, caplog, status
):
    monkeypatch.chdir(tmp_path)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$7" >> "{tmp_path}/asked"\nexit {status}\n')
    python.chmod(0o755)
    made = operator(root, monkeypatch, python=python, output_folder=Path("results"))
    assert compute(made, [study_of(head)] * 2) == [(tmp_path / "results", "dicom_results")]
    assert (tmp_path / "asked").read_text().split() == [str(tmp_path / "results")] * 2
    assert caplog.text.count("A study has no results") == (2 if status == 1 else 0)
