import csv
import json
import os
import shutil

import nibabel
import numpy as np
import pytest
from PIL import Image

from bundle.predictions import SliceSmoothing

INFERENCE = ("monai.bundle", "run", "--config_file", "configs/inference.json", "--image_size", "64")


def infer(command, workspace, source, output, *more):
    done = command(*INFERENCE, "--input", source, "--output_dir", output, *more, cwd=workspace)
    assert "Traceback" not in done.stderr, done.stderr
    assert "Warning" not in done.stdout + done.stderr
    return done


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def mixed(trained, tmp_path_factory):
    """A tree of two DICOM series, a NIfTI volume, PNGs of a folder, junk, and three files that cannot be used."""
    folder = tmp_path_factory.mktemp("mixed")
    datalist = json.loads((trained / "data" / "phantom" / "datalist.json").read_text())
    everything = [*datalist["training"], *datalist["validation"], *datalist["test"]]
    series = sorted({row["series"] for row in everything})[:2]
    for row in everything:
        if row["series"] in series:
            target = folder / "dicom" / f"{series.index(row['series'])}" / row["image"].split("/")[-1]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(trained / "data" / "phantom" / row["image"], target)
    volume = np.random.default_rng(0).normal(30, 10, (48, 48, 3)).astype(np.float32)
    volume[:4] = -1000
    volume[4:8] = 900
    nibabel.save(nibabel.Nifti1Image(volume, np.diag([-1, -1, 5, 1])), folder / "head.nii.gz")
    (folder / "png").mkdir()
    grey = np.random.default_rng(1).integers(0, 255, (40, 50), dtype=np.uint8)
    Image.fromarray(grey).save(folder / "png" / "a.png")
    (folder / "notes.txt").write_text("nothing")
    (folder / "png" / "empty.png").write_bytes(b"")
    (folder / "dicom" / "no.dcm").write_bytes(b"this is no DICOM file at all" * 20)
    whole = next((folder / "dicom" / "0").iterdir())
    (folder / "dicom" / "cut.dcm").write_bytes(whole.read_bytes()[:-3000])
    return folder


def test_a_mixed_tree_costs_only_the_bad_files(mixed, trained, command, tmp_path):
    done = infer(command, trained, mixed, tmp_path, "--overlays", 1)
    assert done.returncode == 2, done.stdout + done.stderr
    slices, series, failed = (rows(tmp_path / f"{name}.csv") for name in ("slices", "series", "failed"))
    assert {row["image"] for row in failed} == {"png/empty.png", "dicom/no.dcm", "dicom/cut.dcm"}
    assert all(row["reason"] for row in failed)
    assert [(row["image"], row["kind"]) for row in rows(tmp_path / "left_out.csv")] == [("notes.txt", "no image")]
    assert "1 left out, 3 files failed" in done.stdout
    assert len(slices) == 8 + 3 + 1
    assert sorted(int(row["slices"]) for row in series) == [1, 3, 4, 4]
    for row in series:
        members = [other for other in slices if (other["study"], other["series"]) == (row["study"], row["series"])]
        worst = max(members, key=lambda member: float(member["p_any"]))
        assert row["most_suspicious_image"] == worst["image"]
        assert float(row["p_any"]) <= float(worst["p_any"]) and row["action"] != "routine"
    positions = [float(row["position"]) for row in slices if row["series"] == series[0]["series"] and row["position"]]
    assert positions == sorted(positions)
    result = json.loads((tmp_path / "results.json").read_text())
    assert result["classes"][0] == "normal"
    assert len(result["slices"]) == len(slices)
    drawn = [row["overlay"] for row in slices if row["overlay"]]
    assert len(drawn) == len(series)
    png = next(row for row in slices if row["image"] == "png/a.png")
    with Image.open(tmp_path / png["overlay"]) as overlay:
        assert overlay.size == (50, 40), "the overlay has the file's geometry"
    assert "PatientID" not in (tmp_path / "results.json").read_text()


@pytest.mark.parametrize("name", ["dicom/0", "head.nii.gz", "png/a.png"])
def test_a_series_a_volume_and_an_image_alone(mixed, trained, command, tmp_path, name):
    """And a checkpoint that nobody evaluated: it tells as much, but for its uncertainty."""
    os.link(trained / "models" / "model.pt", tmp_path / "alone.pt")
    done = infer(command, trained, mixed / name, tmp_path, "--checkpoint", tmp_path / "alone.pt")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "there is no alone.uncertainty.npz beside the checkpoint; evaluate it" in done.stdout
    (series,) = rows(tmp_path / "series.csv")
    assert {series[field] for field in ("set_any", "feature_distance")} == {""}
    assert series["action"] != "routine" and "likeness to validation was not measured" in series["refer_reason"]
    assert json.loads((tmp_path / "results.json").read_text())["slices"][0]["refer"] is None
    assert rows(tmp_path / "failed.csv") == []


def test_slices_of_a_series_speak_for_their_neighbours(mixed, trained, command, tmp_path):
    names = ["p_normal", "p_epidural", "p_subdural", "p_any"]
    found = {}
    for smoothing in (0, 4):
        output = tmp_path / f"{smoothing}"
        infer(command, trained, mixed / "head.nii.gz", output, "--slice_smoothing", smoothing)
        found[smoothing] = rows(output / "slices.csv")
    placed = [{**row, "position": float(row["position"])} for row in found[0]]
    alone, smoothed = (np.array([[float(row[name]) for name in names] for row in found[each]]) for each in (0, 4))
    np.testing.assert_allclose(smoothed, SliceSmoothing(placed, 4)(alone), atol=2e-6)
    assert abs(smoothed - alone).max() > 1e-4
    done = infer(command, trained, mixed / "head.nii.gz", tmp_path / "no", "--slice_smoothing", -1)
    assert done.returncode == 1 and "slice_smoothing must be 0 or above, got '-1'" in done.stderr


def test_inference_says_what_evaluation_says(trained, command, tmp_path):
    """The same slice through inference.json and through train.json and evaluate.json: the same probabilities."""
    done = command(
        "monai.bundle", "run", "evaluate", "--config_file", "['configs/train.json','configs/evaluate.json']",
        "--image_size", "64", "--ckpt_dir", "models", "--output_dir", tmp_path / "output", "--gradcam_slices", 0,
        cwd=trained,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = infer(command, trained, trained / "data" / "phantom" / "stage_2_train", tmp_path / "inference")
    by_name = {row["image"]: row for row in rows(tmp_path / "inference" / "slices.csv")}
    evaluated = rows(tmp_path / "output" / "evaluation" / "predictions.csv")
    assert evaluated
    for row in evaluated:
        other = by_name[row["image"].split("/")[-1]]
        for name in ("p_normal", "p_epidural", "p_subdural"):
            assert float(row[name]) == pytest.approx(float(other[name]), abs=1e-4)
        assert float(row["feature_distance"]) == pytest.approx(float(other["feature_distance"]), rel=1e-3)
        decision = other["set_any"], other["refer"], other["refer_reason"]
        assert decision == ("normal|hemorrhage", "True", "not decisive")
    # The evaluation had too few whole heads, and what lies beside the checkpoint is of the included weights.
    assert "no head is routine: models/model.heads.json is of another checkpoint" in said.stdout
    (series, *_) = rows(tmp_path / "inference" / "series.csv")
    assert (series["refer"], series["slices_referred"]) == ("True", "4")
    assert "heads are not calibrated for this checkpoint" in series["refer_reason"]
    results = json.loads((tmp_path / "inference" / "results.json").read_text())
    assert results["uncertainty"]["level"] == 0.95
    assert "is of another checkpoint" in results["heads"]["missing"]


def test_nothing_usable_is_status_1(mixed, trained, command, tmp_path):
    done = infer(command, trained, mixed / "png" / "empty.png", tmp_path)
    assert done.returncode == 1
    assert len(rows(tmp_path / "failed.csv")) == 1
