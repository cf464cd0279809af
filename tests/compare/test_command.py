"""The whole command on two tiny models: cut off, gone on with, repeated, refused."""

import csv
import json
import re
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time

import fire
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

import bundle.compare.train as train
from bundle.command.arguments import keep_texts
from bundle.compare import experiment
from bundle.errors import InputError
from bundle.predictions import read_predictions
from scripts.compare import main

OWN = (
    "--mask=false", "--seeds=0", "--image_size=32", "--max_epochs=4", "--batch_size=8", "--gradcam_slices=0",
    "--summary_writer=$None",
)  # fmt: skip
CUT_OFF = "thin_no_mask_seed0"


def compare(dataset, output, overlays, *more):
    """Run the command as a person would; of an option that is given twice, the last counts."""
    models = ",".join(map(str, overlays))
    fire.Fire(keep_texts(main), [str(dataset), f"--output={output}", f"--models={models}", *OWN, *more])


def kill_after_an_epoch(start):
    """Kill the job of one run with SIGKILL as soon as it has a checkpoint to go on from."""

    def started(folder, request):
        job = start(folder, request)

        def kill():
            while not folder.last_checkpoint.exists() and job.poll() is None:
                time.sleep(0.005)
            job.kill()

        if folder.path.name == CUT_OFF:
            threading.Thread(target=kill).start()
        return job

    return started


def start_none(folder, request):
    raise AssertionError(f"{folder.path} is made again")


@pytest.fixture(scope="module")
def cut_off(dataset, overlays, tmp_path_factory):
    """A comparison of which one run was killed."""
    output = tmp_path_factory.mktemp("comparison")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "start_job", kill_after_an_epoch(train.start_job))
        with pytest.raises(SystemExit) as ended:
            compare(dataset, output, overlays)
    kept = shutil.copytree(output, tmp_path_factory.mktemp("kept") / "comparison")
    assert ended.value.code == 2
    compare(dataset, output, overlays)
    return kept, output


@pytest.fixture(scope="module")
def finished(cut_off):
    return cut_off[1]


def read_csv(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_failed_run_is_told_and_the_rest_goes_on(cut_off):
    comparison = json.loads((cut_off[0] / "comparison.json").read_text())
    (failed,) = comparison["failed"]
    assert failed["run"] == "thin, without mask, seed 0"
    assert signal.SIGKILL.name in failed["reason"]
    assert [each["name"] for each in comparison["candidates"]] == ["wide_no_mask"]
    assert "Failed runs" in (cut_off[0] / "comparison.html").read_text()


def test_goes_on_where_it_was_cut_off(cut_off):
    kept, finished = (folder / "runs" for folder in cut_off)
    before = read_csv(kept / CUT_OFF / "history.csv")
    assert not (kept / CUT_OFF / "done.json").exists()
    assert re.search(r"after epoch \d of 4", (finished / CUT_OFF / "log.txt").read_text())
    assert [row["epoch"] for row in read_csv(finished / CUT_OFF / "history.csv")] == ["1", "2", "3", "4"]
    assert read_csv(finished / CUT_OFF / "history.csv")[0] == before[0]
    other = "wide_no_mask_seed0/log.txt"
    assert (kept / other).read_text() == (finished / other).read_text(), "what is done is not made again"


def test_figures_are_those_of_the_predictions(finished):
    comparison = json.loads((finished / "comparison.json").read_text())
    assert comparison["failed"] == []
    assert (comparison["slices"], comparison["patients"]) == (24, 8)
    for each in comparison["candidates"]:
        predictions = read_predictions(finished / "runs" / f"{each['name']}_seed0" / "evaluation" / "predictions.csv")
        truth, p_any = predictions.labels[:, -1], 1 - predictions.probabilities[:, 0]
        metrics = each["metrics"]
        assert metrics["accuracy"]["value"] == pytest.approx(accuracy_score(truth, p_any >= 0.5))
        assert metrics["auc_any"]["value"] == pytest.approx(roc_auc_score(truth, p_any))
        low, high = metrics["auc_any"]["interval"]
        assert low < metrics["auc_any"]["value"] < high
    thin, wide = (each["metrics"]["auc_any"]["value"] for each in comparison["candidates"])
    (difference,) = comparison["differences"]
    assert (difference["first"], difference["second"]) == ("wide_no_mask", "thin_no_mask")
    assert difference["auc_any"]["difference"] == pytest.approx(wide - thin)
    assert 0 <= difference["tests"][0]["delong"]["p"] <= 1


def test_leaves_page_tables_and_figures(finished):
    page = (finished / "comparison.html").read_text()
    assert "Failed runs" not in page
    assert "give 93.2 %, not the 94.6 % that it prints" in page
    assert not re.search(r"(src|href)=\"(?!data:)", page), "it stands alone"
    rows = {name: read_csv(finished / "tables" / f"{name}.csv") for name in ("models", "subtypes", "confusion")}
    assert {name: len(table) for name, table in rows.items()} == {"models": 2, "subtypes": 10, "confusion": 2}
    assert sum(int(rows["confusion"][0][cell]) for cell in ("tp", "fn", "fp", "tn")) == 24
    assert len(read_csv(finished / "tables" / "differences.csv")) == 1
    assert {path.stem for path in (finished / "figures").iterdir()} == {
        "figures", "subtypes", "roc", "training", "confusion_thin_no_mask", "confusion_wide_no_mask",
    }  # fmt: skip


def test_what_is_done_is_used_again(dataset, overlays, finished, monkeypatch, capfd):
    monkeypatch.setattr(train, "start_job", start_none)
    before = (finished / "comparison.json").read_bytes()
    compare(dataset, finished, overlays)
    assert (finished / "comparison.json").read_bytes() == before
    assert "100%" in capfd.readouterr().err


def test_runs_of_another_version_are_not_joined(dataset, overlays, finished, monkeypatch):
    monkeypatch.setattr(train, "start_job", start_none)
    monkeypatch.setattr(experiment, "bundle_version", lambda: "99.0.0")
    with pytest.raises(
        InputError, match=r"holds a run with version .*, where now it is 99.0.0; .*choose another --output"
    ):
        compare(dataset, finished, overlays)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--max_epochs=5",), r"settings max_epochs 4, where now it is 5.*choose another --output"),
        (("--max_epoch=5",), "did you mean max_epochs"),
        (("--ckpt_dir=x",), "--ckpt_dir is not free"),
        (("--checkpoint=models/model.pt",), "--checkpoint is not free"),
        (("--seeds=0,one",), "--seeds holds 'one'"),
        (("--mask=maybe",), "--mask is 'maybe'"),
        (("--models=resnet",), "did you mean .*resnet50"),
        (("--datalist=none.json",), "none.json does not exist; make a datalist"),
        (("--pretrained=thin",), "--pretrained holds 'thin'"),
        (("--pretrained=thin=none.pt",), "none.pt does not exist; name the weights of thin"),
        (("--pretrained=vgg16=none.pt",), "'vgg16', which is not compared"),
    ],
)
def test_refuses_in_one_sentence_before_anything_is_made(dataset, overlays, finished, monkeypatch, more, words):
    monkeypatch.setattr(train, "start_job", start_none)
    with pytest.raises(InputError, match=words):
        compare(dataset, finished, overlays, *more)


def test_refuses_another_datalist(dataset, overlays, finished, tmp_path):
    other = json.loads((dataset / "datalist.json").read_text())
    other["test"].pop()
    (tmp_path / "datalist.json").write_text(json.dumps(other))
    with pytest.raises(InputError, match="datalist sha256"):
        compare(dataset, finished, overlays, f"--datalist={tmp_path / 'datalist.json'}")


@pytest.mark.filterwarnings("ignore:'scripts.compare' found in sys.modules")
def test_help_is_no_setting(monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["compare.py", "folder", "--help"])
    monkeypatch.setenv("PAGER", "cat")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("scripts.compare", run_name="__main__")
    assert ended.value.code == 0
    printed = capfd.readouterr()
    assert "local weights from which the training of a model starts" in printed.out + printed.err


def test_commands_of_the_guide_and_the_makefile(root, dataset, overlays, finished, monkeypatch, capsys):
    """All runs are there, so that the commands run as they stand but for data and models."""
    monkeypatch.chdir(root)
    monkeypatch.setattr(train, "start_job", start_none)
    blocks = re.findall(r"^```sh\n(.*?)^```", (root / "docs" / "compare.md").read_text(), re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line]
    assert "make compare" in commands
    for line in commands:
        if line.startswith("make"):
            dry = subprocess.run(
                [*shlex.split(line), "--dry-run", "--assume-old=.venv/installed"], capture_output=True, text=True
            )
            (line,) = [each for each in dry.stdout.splitlines() if "-m scripts.compare" in each]
        words = shlex.split(line.split("scripts.compare ")[1])
        models = ",".join(map(str, overlays))
        compare(dataset, finished, overlays, *words[1:], *OWN, f"--output={finished}", f"--models={models}")
        assert "comparison.html" in capsys.readouterr().out
