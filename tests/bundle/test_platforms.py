"""What the guides give to other platforms runs as it stands there: on mercure's folders, on stubs of the App SDK."""

import json
import os
import re
import subprocess
import sys
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


def test_the_mercure_module_writes_results_and_a_notification(root, head, tmp_path):
    script, results = tmp_path / "mercure_module.py", tmp_path / "out"
    script.write_text(block(root, "mercure.md", "python"))
    results.mkdir()
    given = {"MERCURE_IN_DIR": str(head), "MERCURE_OUT_DIR": str(results), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, script], cwd=root, env={**os.environ, "OMP_NUM_THREADS": "1", **given},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert kinds(results) == ["KO", "OT", "SR"]
    said = json.loads((results / "result.json").read_text())
    assert [head["action"] for head in said["heads"]] == ["read first"] or said["heads"][0]["refer_reason"]
    first = said["heads"][0]["action"] == "read first"
    assert said["__mercure_notification"]["requested"] is first
    assert f"{int(first)} of 1 head CT to read first" in said["__mercure_notification"]["text"]


def test_the_mercure_module_fails_where_nothing_can_be_scored(root, tmp_path):
    script, images = tmp_path / "mercure_module.py", tmp_path / "in"
    script.write_text(block(root, "mercure.md", "python"))
    images.mkdir()
    (images / "a.dcm").write_text("no DICOM")
    given = {"MERCURE_IN_DIR": str(images), "MERCURE_OUT_DIR": str(tmp_path), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, script], cwd=root, env={**os.environ, **given}, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert not (tmp_path / "result.json").exists()


def test_the_container_gets_the_requirements_that_are_there(root):
    lines = block(root, "mercure.md", "dockerfile")
    for name in re.findall(r"-r (\S+)", lines):
        assert (root / name).is_file()
    assert "mercure_module.py" in lines


class Stub:
    """In place of the SDK's Operator, which keeps the fragment."""

    def __init__(self, fragment, *args, **kwargs):
        self.fragment = fragment


def test_the_operator_writes_results_of_the_selected_series(root, head, tmp_path, monkeypatch):
    ports = {"in": [], "out": []}
    stubs = ModuleType("monai.deploy.core")
    stubs.Operator, stubs.Fragment, stubs.OperatorSpec = Stub, object, object
    stubs.ConditionType = SimpleNamespace(NONE=0)
    monkeypatch.setitem(sys.modules, "monai.deploy", ModuleType("monai.deploy"))
    monkeypatch.setitem(sys.modules, "monai.deploy.core", stubs)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    module = {"__name__": "operator_of_the_guide"}
    exec(compile(block(root, "monai_deploy.md", "python"), "monai_deploy.md", "exec"), module)
    results = tmp_path / "results"
    made = module["BrainHemorrhageOperator"](None, bundle=root, python=sys.executable, output_folder=results)
    made.setup(
        SimpleNamespace(
            input=ports["in"].append,
            output=lambda name: ports["out"].append(name) or SimpleNamespace(condition=lambda kind: None),
        )
    )
    assert ports == {"in": ["study_selected_series_list"], "out": ["dicom_results"]}
    slices = [pydicom.dcmread(file) for file in sorted(head.iterdir())]
    instances = [SimpleNamespace(get_native_sop_instance=lambda each=each: each) for each in slices]
    series = SimpleNamespace(SeriesInstanceUID=slices[0].SeriesInstanceUID, get_sop_instances=lambda: instances)
    studies = [SimpleNamespace(selected_series=[SimpleNamespace(series=series)])]
    emitted = []
    made.compute(
        SimpleNamespace(receive={"study_selected_series_list": studies}.get),
        SimpleNamespace(emit=lambda value, port: emitted.append((value, port))),
        None,
    )
    assert emitted == [(results, "dicom_results")]
    assert kinds(results) == ["KO", "OT", "SR"]
