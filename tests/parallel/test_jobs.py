"""What several processes do is what one does: see conftest.py for the jobs."""

import csv
import json
import math

import pytest
import torch

from bundle.labels import CLASSES
from tests.parallel import checks

STATUSES = {
    "inferred_by_one": [2],
    "inferred_by_two": [2, 0],
    "killed": [1, -9],
    "torn": [1, 1],
    "without_torchrun": [1],
}
"""Of the jobs that do not end well in all processes."""


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def figures(row):
    return {name: float(value) for name, value in row.items() if value and name not in ("images_per_second", "seconds")}


def test_every_process_of_every_job_ends_as_it_should(jobs):
    for name, ended in json.loads((jobs / "statuses.json").read_text()).items():
        logs = "".join(each.read_text() for each in jobs.glob(f"{name}.*.log"))
        assert ended == STATUSES.get(name, [0] * len(ended)), f"{name}: {logs}"
        assert "Traceback" not in logs and "Warning" not in logs, f"{name}: {logs}"


@pytest.mark.parametrize(("name", "part"), [("gradients", slice(None)), ("unknown", slice(0, 2))])
def test_a_step_has_the_gradients_of_one_process_on_the_same_batch(jobs, name, part):
    expected = checks.steps(part)
    for rank in (0, 1):
        given = torch.load(jobs / f"{name}.{rank}.pt")
        assert given.keys() == expected.keys() == set(CLASSES)
        for task in CLASSES:
            assert expected[task]["loss"] > 0.1
            torch.testing.assert_close(given[task], expected[task], rtol=1e-5, atol=1e-7)


def test_loss_and_metrics_are_those_of_one_process_whatever_the_size_of_the_set(jobs):
    for rank in (0, 1):
        given = torch.load(jobs / f"metrics.{rank}.pt")
        for size in checks.SIZES:
            assert given[size] == checks.figures(size)


def test_the_training_falls_alike_and_goes_on_in_the_other_number_of_processes(jobs):
    one, two = (table(jobs / name / "history.csv") for name in ("one", "two.0"))
    assert [row["epoch"] for row in one] == [row["epoch"] for row in two] == ["1", "2", "3", "4"]
    for ours, theirs in zip(one, two, strict=True):
        assert figures(ours) == pytest.approx(figures(theirs), rel=1e-5)
    rates = [float(row["learning_rate"]) for row in one]
    assert rates == pytest.approx([0.01, 0.0075, 0.0025, 0.005 * (1 + math.cos(0.75 * math.pi))]), (
        "of 3, then of 4 epochs"
    )
    losses = [float(row["train_loss"]) for row in one]
    assert losses == sorted(losses, reverse=True) and losses[-1] < 0.95 * losses[0]


def test_checkpoints_are_the_same_and_know_nothing_of_processes(jobs):
    for name in ("last.pt", "model.pt"):
        one, two = (torch.load(jobs / where / "models" / name, weights_only=True) for where in ("one", "two.0"))
        assert one.keys() == two.keys()
        if name == "last.pt":
            assert one["trainer"] == two["trainer"]
            one, two = one["network"], two["network"]
        assert one.keys() == checks.TinyNetwork().state_dict().keys()
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-6)


def test_only_rank_zero_writes_and_speaks(jobs):
    for name in ("two", "evaluated", "inferred"):
        assert (jobs / f"{name}.0").is_dir()
        assert not (jobs / f"{name}.1").exists()
    assert len(list((jobs / "again").rglob("events.out.tfevents.*"))) == 1
    assert "epoch 3/3" in (jobs / "two.0.log").read_text()
    for log in jobs.glob("*.1.log"):
        said = [line for line in log.read_text().splitlines() if not line.startswith("Error: ")]
        assert all("Setting logging" in line for line in said if line), log


def test_the_same_seed_trains_the_same(jobs):
    first, again = (table(jobs / name / "history.csv") for name in ("augmented", "again"))
    assert [figures(row) for row in first] == [figures(row) for row in again]


def test_the_model_that_is_kept_is_the_one_that_was_validated(jobs):
    """Its batch norm saw other images in each process."""
    rows = [figures(row) for row in table(jobs / "augmented" / "history.csv")]
    best = min(rows, key=lambda row: row["val_loss"])
    judged = json.loads((jobs / "augmented" / "evaluation" / "report.json").read_text())
    assert judged["metrics"]["log_loss"] == pytest.approx(best["val_log_loss"], rel=1e-5)


def test_all_processes_agree_to_stop(jobs):
    assert len(table(jobs / "stopped" / "history.csv")) == 3


def test_one_machine_without_the_checkpoint_is_told(jobs):
    assert "is seen by 1 of 2 processes" in (jobs / "torn.0.log").read_text()


def test_the_others_say_that_one_died_and_the_last_checkpoint_is_whole(jobs):
    assert "Error: another process of this job has ended" in (jobs / "killed.0.log").read_text()
    state = torch.load(jobs / "killed" / "models" / "last.pt", weights_only=True)
    assert state["trainer"]["iteration"] == state["trainer"]["epoch_length"], "after epoch 1"


def test_the_config_without_torchrun_is_told(jobs):
    assert "Error: the multi_gpu configs are for several processes" in (jobs / "without_torchrun.0.log").read_text()


def test_the_clinical_features_were_fitted_once_and_learned_from(jobs):
    weights = torch.load(jobs / "clinical" / "models" / "model.pt", weights_only=True)
    assert weights["clinical.mean"].tolist() == pytest.approx([50 + 23 / 2])
    assert weights["clinical.logits.weight"].abs().max() > 1e-3


def test_maps_of_the_bleed_are_learned_in_two_processes_and_one(jobs):
    rows = table(jobs / "mapped" / "history.csv")
    assert len(rows) == 3 and all(math.isfinite(float(row["train_loss"])) for row in rows)
    state = torch.load(jobs / "mapped" / "models" / "last.pt", weights_only=True)["network"]
    weights = torch.load(jobs / "mapped" / "models" / "model.pt", weights_only=True)
    assert state.keys() == {f"classifier.{name}" for name in weights}


@pytest.mark.parametrize("name", ["evaluated", "clinical_judged"])
def test_evaluation_gives_the_same_predictions_figures_and_overlays(jobs, name):
    one, two = (jobs / each / "evaluation" for each in (name, f"{name}.0"))
    rows = []
    for name, section, size in (("predictions.csv", "test", 5), ("validation.csv", "validation", 7)):
        tables = [table(each / name) for each in (one, two)]
        images = [row["image"].partition(f"/{section}/")[2] for row in tables[0]]
        assert images == [f"{n // 4}/{n}.png" for n in range(size)]
        rows += zip(*tables, strict=True)
    for ours, theirs in rows:
        # Their sums are of other batches.
        scores = [name for name in ours if name.startswith("p_") or name == "feature_distance"]
        assert [float(ours.pop(name)) for name in scores] == pytest.approx([float(theirs.pop(name)) for name in scores])
        assert ours == theirs
    ours, theirs = (json.loads((each / "report.json").read_text())["metrics"] for each in (one, two))
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert theirs[name] == (value if value is None else pytest.approx(value, rel=1e-5)), name
    names = [sorted(path.name for path in each.rglob("*")) for each in (one, two)]
    assert names[0] == names[1]


def test_inference_gives_one_table_of_the_same_bytes(jobs):
    names = sorted(path.relative_to(jobs / "inferred") for path in (jobs / "inferred").rglob("*.*"))
    assert len(names) == 6 + 3, "tables, page and overlays"
    for name in names:
        assert (jobs / "inferred.0" / name).read_bytes() == (jobs / "inferred" / name).read_bytes(), name
    assert len(table(jobs / "inferred" / "slices.csv")) == 5 + 2
    assert [row["image"] for row in table(jobs / "inferred" / "failed.csv")] == ["empty.png", "dicom/2.dcm"]


def test_fewer_slices_than_processes(jobs):
    assert [row["image"] for row in table(jobs / "single" / "slices.csv")] == ["0.png"]
