"""The end of an inference, from what was collected to the files and the exit status."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from bundle.datalist import bundle_version
from bundle.deploy import InferenceResults
from bundle.errors import InputError
from bundle.explain import Explainer
from bundle.results import Collected, Model, Page, Results
from tests.explain.bright import BrightCorner
from tests.predictions.views import VIEW
from tests.results.examples import collected, rows

ALL_SCORED, ALL_FAILED = ("",) * 5, ("it is cut short",) * 5


def results(folder, found=None, rejected=(), of_rows=None, **options):
    """Return the results of what was collected of the rows, whose files are not looked at without overlays."""
    of_rows = of_rows or rows(folder / "scan")
    explainer = Explainer(BrightCorner(), SAMPLES, of_rows, "binary", "conv")
    outputs = SimpleNamespace(gathered=lambda: found or collected())
    reported = Results(model(folder), Page(0), **options)
    return InferenceResults(outputs, explainer, rejected, folder / "scan", folder / "out", reported)


def model(folder, smoothing=0.0):
    (folder / "model.pt").write_bytes(b"weights")
    return Model(folder / "model.pt", "binary", replace(VIEW, slice_smoothing=smoothing))


def sample(index):
    image = torch.zeros(1, 32, 32)
    image[:, 8 * (index % 4) :][:, :8, :8] = 1
    return {"image": image, "box_start": torch.tensor([0, 0]), "box_end": torch.tensor([32, 32])}


SAMPLES = [sample(index) for index in range(5)]


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("reasons", "rejected", "status", "scored", "failed"),
    [
        (ALL_SCORED, 0, 0, 5, 0),
        (ALL_SCORED, 1, 2, 5, 1),
        (("", "", "it is cut short", "", ""), 1, 2, 4, 2),
        (ALL_FAILED, 0, 1, 0, 5),
        (ALL_FAILED, 1, 1, 0, 6),
    ],
)
def test_the_exit_status_says_whether_all_some_or_none_were_scored(
    tmp_path, capsys, reasons, rejected, status, scored, failed
):
    (tmp_path / "scan").mkdir()
    refused = [{"image": str(tmp_path / "scan" / "notes.pdf"), "reason": "it has no pixels"}] * rejected
    found = collected(reasons=reasons)
    assert results(tmp_path, found, refused, overlays=0 if scored else 1).finish() == status
    assert len(table(tmp_path / "out" / "slices.csv")) == scored
    assert [row["image"] for row in table(tmp_path / "out" / "failed.csv")][:rejected] == ["notes.pdf"] * rejected
    assert len(table(tmp_path / "out" / "failed.csv")) == failed
    assert f"{scored} slices of {2 if scored else 0} series scored, {failed} files failed: " in capsys.readouterr().out


def test_nothing_was_found(tmp_path):
    outputs = SimpleNamespace(gathered=lambda: Collected(np.zeros((0, 2)), []))
    explainer = Explainer(BrightCorner(), [], [], "binary", "conv")
    rejected = [{"image": "/a.png", "reason": "it is empty"}]
    reported = Results(model(tmp_path, 4.0), overlays=1)
    nothing = InferenceResults(outputs, explainer, rejected, "/a.png", tmp_path / "out", reported)
    assert nothing.finish() == 1
    assert json.loads((tmp_path / "out" / "results.json").read_text())["failed"] == [
        {"image": "a.png", "reason": "it is empty"}
    ]


def test_images_are_named_within_what_was_given(tmp_path):
    (tmp_path / "scan").mkdir()
    results(tmp_path).finish()
    names = [row["image"] for row in table(tmp_path / "out" / "slices.csv")]
    assert names == ["ct/0.dcm", "ct/1.dcm", "png/a.png", "png/b.png"]


def test_no_folder_above_the_input_is_named_in_the_results(tmp_path):
    scan = tmp_path / "DOE_JANE" / "scan"
    scan.mkdir(parents=True)
    (tmp_path / "out").mkdir()
    reason = f"{scan}/a.dcm is cut short; copy it again"
    found = collected(reasons=("", "", reason, "", ""))
    explainer = Explainer(BrightCorner(), SAMPLES, rows(scan), "binary", "conv")
    rejected = [{"image": str(scan / "a.dcm"), "reason": reason}]
    Results(model(tmp_path), Page(0)).write(found, explainer, rejected, scan, tmp_path / "out")
    written = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert "a.dcm is cut short" in (tmp_path / "out" / "failed.csv").read_text()
    assert [file.name for file in written if "DOE_JANE" in file.read_text()] == []


def test_the_page_says_what_scored_the_heads_and_why_none_is_routine(tmp_path):
    scan = tmp_path / "scan"
    explainer = Explainer(BrightCorner(), SAMPLES, rows(scan), "binary", "conv")
    found = collected(reasons=ALL_FAILED)
    Results(model(tmp_path), Page(1)).write(found, explainer, [], scan, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text()
    assert f"Scored by torch (model.pt), version {bundle_version()}." in page
    assert "No head is routine: there is no model.heads.json" in page


def test_the_most_suspicious_slices_are_drawn(tmp_path):
    pictures = [{**row, "image": row["image"].replace(".dcm", ".png")} for row in rows(tmp_path / "scan")]
    for row in pictures:
        Path(row["image"]).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((40, 60), 100, np.uint8)).save(row["image"])
    assert results(tmp_path, of_rows=pictures, overlays=1).finish() == 2
    drawn = {row["image"]: row["overlay"] for row in table(tmp_path / "out" / "slices.csv")}
    one, other = "overlays/ct_1.png.png", "overlays/png_a.png.png"
    assert drawn == {"ct/0.png": "", "ct/1.png": one, "png/a.png": other, "png/b.png": ""}
    assert sorted(path.name for path in (tmp_path / "out" / "overlays").iterdir()) == ["ct_1.png.png", "png_a.png.png"]
    for index, name in ((1, one), (3, other)):
        with Image.open(tmp_path / "out" / name) as picture:
            shown = np.asarray(picture).astype(int)
        assert shown.shape == (40, 60, 3), "the geometry of the file"
        coloured = np.ptp(shown, axis=-1)[:32, :32]
        assert coloured[8 * (index % 4) :][:8, :8].mean() > 2 * coloured[:, 16:].mean(), "its own heat map"


def test_a_threshold_that_is_no_probability_and_an_unwritable_folder_are_told_before_anything_is_run(tmp_path):
    for threshold in (0, 1.5, "abc"):
        with pytest.raises(InputError, match=f"above 0 and at most 1, got {threshold!r}"):
            results(tmp_path, threshold=threshold)
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        results(tmp_path).prepare()
