"""Every command that three guides show in a sh block is run as it stands, in this process and with less to do."""

import ast
import csv
import json
import re
import runpy
import shlex
import sys

import pytest
from monai.bundle import ConfigWorkflow

from tests.datalist.examples import save_noise

SHORTER = {"image_size": 32, "mask": False, "batch_size": 8, "max_epochs": 1, "num_workers": 0, "cache": "none"}
TABLE = ["file;Patient ID;ICH;Age;Sex;SBP;history"] + [
    f"{patient}/{image}.png;{patient};{int(patient in 'ace')};{50 + seed};{'MF'[seed % 2]};"
    f"{'NA' if image else 120 + seed};{'stroke' if patient in 'ab' else 'none'}"
    for seed, patient in enumerate("abcdefghij")
    for image in range(2)
]


def guide_commands(root, name):
    blocks = re.findall(r"^```sh\n(.*?)^```", (root / "docs" / name).read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def run_line(line, folder, monkeypatch, **shorter):
    """Run a command of this project or of ``python -m monai.bundle run`` in `folder`."""
    python, option, module, *arguments = shlex.split(line)
    assert (python, option) == ("python", "-m")
    if module != "monai.bundle":
        monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.setattr(sys, "argv", [module, *arguments])
        runpy.run_module(module, run_name="__main__")
        return
    flags = [index for index, each in enumerate(arguments) if each.startswith("--")]
    given = {arguments[index][2:]: arguments[index + 1] for index in flags}
    assert arguments[0] == "run" and len(arguments) == flags[0] + 2 * len(flags)
    files = re.findall(r"configs/\w+\.json", given.pop("config_file"))
    overrides = {name: ast.literal_eval(value) if value[0] in "[0123456789" else value for name, value in given.items()}
    known = set().union(*(json.loads((folder / file).read_text()) for file in files))
    assert overrides.keys() <= known, "a misspelt key would be refused"
    less = {name: value for name, value in shorter.items() if name in known and name not in overrides}
    workflow = ConfigWorkflow(
        [str(folder / file) for file in files], run_id=(arguments[1:flags[0]] or ["run"])[0], logging_file=False,
        **overrides, **less,
    )  # fmt: skip
    workflow.initialize()
    workflow.run()
    workflow.finalize()


@pytest.fixture
def bundle_copy(workspace, tmp_path, monkeypatch):
    for name in ("configs", "bundle", "models"):
        (tmp_path / name).symlink_to(workspace / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.mark.filterwarnings("ignore")
def test_clinical_features_from_a_table_to_inference(root, bundle_copy, monkeypatch):
    folder = bundle_copy / "data" / "table"
    for seed, line in enumerate(TABLE[1:]):
        save_noise(folder / line.split(";")[0], seed)
    (folder / "labels.csv").write_text("\n".join(TABLE) + "\n")
    shorter = {**SHORTER, "ckpt_dir": str(bundle_copy / "ckpt"), "checkpoint": str(bundle_copy / "ckpt" / "model.pt"),
               "task": "binary", "summary_writer": None, "output_dir": str(bundle_copy / "output")}  # fmt: skip
    prepare, train, evaluate, infer = guide_commands(root, "clinical_features.md")
    run_line(prepare + " --fractions 0.6,0.2,0.2", bundle_copy, monkeypatch)
    assert '"clinical": {"systolic_bp": ' in (folder / "datalist.json").read_text()
    for line in (train, evaluate, infer):
        run_line(line, bundle_copy, monkeypatch, **shorter)
    report = json.loads((bundle_copy / "output" / "evaluation" / "report.json").read_text())
    assert report["configuration"]["clinical features"] == "age, systolic_bp, sex, history"
    with (bundle_copy / "output" / "slices.csv").open() as file:
        scored = list(csv.DictReader(file))
    assert len(scored) == 2
    assert not {"age", "sex", "clinical"} & scored[0].keys()


@pytest.mark.filterwarnings("ignore")
def test_explanations_are_checked_and_drawn(root, trained, bundle_copy, phantom, monkeypatch):
    shorter = {**SHORTER, "dataset_dir": str(phantom), "checkpoint": str(trained / "models" / "model.pt"),
               "section": "training", "summary_writer": None, "gradcam_slices": 0,
               "output_dir": str(bundle_copy / "output"), "mask": True}  # fmt: skip
    evaluate, infer = guide_commands(root, "explanations.md")
    run_line(evaluate, bundle_copy, monkeypatch, **shorter)
    explanation = json.loads((bundle_copy / "output" / "evaluation" / "report.json").read_text())["explanation"]
    assert explanation["method"] == "gradcam++"
    assert 0 < explanation["slices"] <= 8
    assert explanation["deletion"]["area_random"]["value"] > 0
    one = sorted((phantom / "stage_2_train").iterdir())[0]
    infer = infer.replace("data/phantom/stage_2_train", str(one))
    del shorter["dataset_dir"], shorter["section"]
    run_line(infer, bundle_copy, monkeypatch, **shorter)
    assert len(list((bundle_copy / "output" / "overlays").iterdir())) == 1


def test_dicom_results_are_written_of_conformant_phantoms(root, trained, command, tmp_path):
    phantoms, predict = (shlex.split(line)[2:] for line in guide_commands(root, "dicom_results.md"))
    smaller = {"data/heads": tmp_path / "heads", "2": 1, "24": 3, "256": 64}
    done = command(*(smaller.get(each, each) for each in phantoms), cwd=trained)
    assert done.returncode == 0, done.stderr
    elsewhere = {"data/heads/stage_2_train": tmp_path / "heads" / "stage_2_train", "output/dicom": tmp_path / "dicom"}
    less = ("--output", tmp_path / "out", "--image_size", 64, "--page_heads", 0)
    done = command(*(elsewhere.get(each, each) for each in predict), *less, cwd=trained)
    assert done.returncode == 0, done.stderr
    assert sorted(file.name[:3] for file in (tmp_path / "dicom").iterdir()) == ["KO_", "SC_", "SR_"]
    assert f"DICOM results of 1 of 1 series: {tmp_path / 'dicom'}" in done.stdout
