import csv
import json
import re

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.bundle.conftest import TINY

EVALUATE = ("monai.bundle", "run", "evaluate", "--config_file", "['configs/train.json','configs/evaluate.json']")
TRAIN = ("monai.bundle", "run", "training", "--config_file")


def event_tags(log_dir):
    """Return the names in the log's one run: kind → tags; runs that other tests let fail have no curve."""
    found = []
    for run in log_dir.iterdir():
        events = EventAccumulator(str(run))
        events.Reload()
        if events.Tags()["scalars"]:
            found.append({kind: set(events.Tags()[kind]) for kind in ("scalars", "images")})
    (tags,) = found
    return tags


def test_training_leaves_checkpoints_history_and_events(trained):
    state = torch.load(trained / "models" / "last.pt", weights_only=True)
    assert state["trainer"]["epoch_length"] * 2 == state["trainer"]["iteration"]
    assert set(state) == {"network", "optimizer", "lr_scheduler", "early_stop", "best_model", "trainer", "settings"}
    weights = torch.load(trained / "models" / "model.pt", weights_only=True)
    assert set(weights) == set(state["network"])
    with (trained / "output" / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[1]["learning_rate"]) < float(rows[0]["learning_rate"])
    tags = event_tags(trained / "output" / "tensorboard")
    scalars = {"loss/training", "loss/validation", "metrics/log_loss", "validation_best/loss"}
    assert scalars <= tags["scalars"]
    assert {"training/images", "validation/confusion_any", "validation/mistakes"} <= tags["images"]


def test_training_prints_progress_and_no_warning(trained):
    log = (trained / "training.log").read_text()
    assert "\r" not in log, "lines, not a bar"
    assert re.search(r"epoch 2/2  train_loss \d\.\d+  val_loss", log)
    assert "Warning" not in log
    assert "Traceback" not in log


def test_evaluation_reports_the_test_split(trained, command):
    done = command(*EVALUATE, *TINY, "--ckpt_dir", "models", "--gradcam_slices", 1, cwd=trained)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout + done.stderr
    folder = trained / "output" / "evaluation"
    datalist = json.loads((trained / "data" / "phantom" / "datalist.json").read_text())
    with (folder / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(datalist["test"])
    for row in rows:
        assert sum(float(value) for name, value in row.items() if name.startswith("p_")) == pytest.approx(1, abs=1e-4)
    with (folder / "validation.csv").open() as file:
        chosen_on = list(csv.DictReader(file))
    assert [row["patient"] for row in chosen_on] == [row["patient"] for row in datalist["validation"]]
    assert all(float(row["feature_distance"]) > 0 for row in [*rows, *chosen_on])
    assert (trained / "models" / "model.uncertainty.npz").is_file()
    text = (folder / "report.json").read_text()
    assert "NaN" not in text
    told = json.loads(text)
    assert told["split"]["counts"]["test"]["slices"] == len(rows) and told["split"]["missing"] == 0
    assert told["split"]["trained"] == 0
    assert [point["share"] for point in told["operating_points"]["points"]] == [0.9, 0.95, 0.9]
    for name in ("training", "evaluation"):
        assert told["run"][name]["processes"] == 1 and told["run"][name]["seconds"] > 0 and told["run"][name]["device"]
    assert (folder / "report.html").stat().st_size > 10_000
    assert list((folder / "figures").glob("*.png"))
    assert list((folder / "gradcam").glob("*.png"))
    tags = event_tags(trained / "output" / "tensorboard")
    assert {"loss/training", "evaluation_test/log_loss"} <= tags["scalars"], (
        "the evaluation stands in the training's run"
    )
    assert {"evaluation_test/gradcam", "evaluation_test/mistakes", "evaluation_test/confusion_any"} <= tags["images"]
    assert not any("history" in tag for tag in tags["images"])


def test_patients_of_the_training_that_another_split_tests_are_told(trained, command, tmp_path):
    options = ("--fractions", "0.3,0.3,0.4", "--output", tmp_path / "other.json")
    done = command("scripts.prepare", "rsna", "data/phantom", *options, cwd=trained)
    assert done.returncode == 0, done.stderr
    first, other = (
        json.loads(path.read_text())
        for path in (trained / "data" / "phantom" / "datalist.json", tmp_path / "other.json")
    )
    learned = {row["image"] for row in first["training"]}
    count = sum(row["image"] in learned for row in other["test"])
    assert count
    places = ("--ckpt_dir", "models", "--evaluation_dir", tmp_path, "--datalist", tmp_path / "other.json")
    done = command(*EVALUATE, *TINY, *places, "--checked_explanations", 0, cwd=trained)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"was trained with {count} of the evaluated slices" in done.stdout
    told = json.loads((tmp_path / "report.json").read_text())
    assert told["split"]["trained"] == count
    assert any(f"or of patients of its training: {count}." in caution for caution in told["cautions"])


def test_resume_goes_on_from_the_last_epoch(trained, command, tmp_path):
    folders = ("--ckpt_dir", tmp_path / "models", "--output_dir", tmp_path / "output")
    small = ("--image_size", "64", "--batch_size", "8", "--mask", "false", *folders)
    first = command(*TRAIN, "configs/train.json", *small, "--max_epochs", 1, "--run_name", "small", cwd=trained)
    assert first.returncode == 0, first.stderr
    second = command(*TRAIN, "configs/train.json", *small, "--max_epochs", 2, "--resume", "true", cwd=trained)
    assert second.returncode == 0, second.stderr
    assert "after epoch 1 of 2" in second.stdout
    with (tmp_path / "output" / "history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]
    assert [path.name for path in (tmp_path / "output" / "tensorboard").iterdir()] == ["small"]


@pytest.mark.parametrize("task", ["binary", "multilabel"])
def test_other_tasks_train_and_evaluate(trained, command, tmp_path, task):
    folders = ("--ckpt_dir", tmp_path / "models", "--output_dir", tmp_path / "output", "--max_epochs", 1)
    silent = ("--summary_writer", "$None") if task == "multilabel" else ()
    configs = f"'configs/train.json','configs/task_{task}.json'"
    done = command(*TRAIN, f"[{configs}]", *TINY, *folders, "--cache", "disk", *silent, cwd=trained)
    assert done.returncode == 0, done.stderr
    overlay = (*EVALUATE[:-1], f"[{configs},'configs/evaluate.json']")
    wished = ("--gradcam_slices", 1, "--sensitivities", "[0.8]", "--cache", "disk")
    done = command(*overlay, *TINY, *folders, *wished, *silent, cwd=trained)
    assert done.returncode == 0, done.stdout + done.stderr
    metrics = json.loads((tmp_path / "output" / "evaluation" / "report.json").read_text())
    assert metrics["task"] == task
    assert [point["share"] for point in metrics["operating_points"]["points"]] == [0.8, 0.9]
    assert (tmp_path / "output" / "tensorboard").exists() != bool(silent)


def test_mr_phantoms_go_the_same_way(workspace, command, tmp_path):
    made = command(
        "scripts.phantom", tmp_path / "mr", "--patients", 8, "--slices", 3, "--size", 64, "--contrast", "T1",
        cwd=workspace,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert command("scripts.prepare", "rsna", tmp_path / "mr", cwd=workspace).returncode == 0
    places = ("--dataset_dir", tmp_path / "mr", "--ckpt_dir", tmp_path / "models", "--output_dir", tmp_path / "output")
    done = command(*TRAIN, "configs/train.json", *TINY, *places, "--max_epochs", 1, cwd=workspace)
    assert done.returncode == 0, done.stderr
    done = command(*EVALUATE, *TINY, *places, cwd=workspace)
    assert done.returncode == 0, done.stdout + done.stderr
