"""The server's verdict on a head is that of an inference of the same files."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from lib.judged import judge
from lib.records import describe_model, head_records

from bundle.files.second_reader import SecondReader, write_second_reader
from bundle.heads import HeadCalibration, Heads
from bundle.results import Collected, Model, Page, Results
from bundle.results import model as results_model
from bundle.uncertainty import LEVEL, Gaussian, Limits, Uncertainty
from tests.predictions.views import VIEW
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom

SLICES = 30
CALIBRATION = HeadCalibration(1.0, 0.0, 0.3, 0.2, 20, 20)
LIMITS = Limits(LEVEL, 0.3, 0.3, np.nan, 5.0)
UNCERTAINTY = Uncertainty("binary", (LIMITS,), Gaussian(np.zeros(2), np.eye(2)[:1], np.ones(1), np.float32(1)), VIEW)


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setattr(results_model, "find_heads", lambda *_: (Heads("binary", VIEW, CALIBRATION, CALIBRATION), ""))
    monkeypatch.setattr(Model, "sha256", "0" * 64)
    return Model("model.pt", "binary", VIEW)


def write_head(folder):
    """Write a whole head."""
    for index in range(SLICES):
        dataset = make_dicom(head_hu(192), ImagePositionPatient=[0, 0, 5.0 * index])
        write_dicom(folder / f"{index:02d}.dcm", dataset)


def collected(empty=()):
    reasons = ["all of it is 0" * (index in empty) for index in range(SLICES)]
    kinds = ["empty" * bool(reason) for reason in reasons]
    return Collected(np.tile([0.95, 0.05], (SLICES, 1)), reasons, np.zeros(SLICES), UNCERTAINTY, kinds=kinds)


def by_inference(folder, judged, found, model, output):
    explainer = SimpleNamespace(rows=judged.rows, method="evidence")
    results = Results(model, Page(0), threshold=0.5)
    return results.write(found, explainer, judged.rejected, folder, output).records.series


@pytest.mark.parametrize(
    ("empty", "reason"),
    [
        ((), ""),
        ((10, 11), "2 of its slices could not be scored"),
        ((0, 1, 2, 3), "4 of its slices could not be scored"),
        ((0, 1), ""),
    ],
)
def test_slices_that_are_left_out_count_as_in_an_inference(model, tmp_path, empty, reason):
    write_head(tmp_path / "head")
    judged, found = judge(tmp_path / "head"), collected(empty)
    without = np.where(found.scored[:, None], found.probabilities, 0)
    slices, head = head_records(judged, replace(found, probabilities=without), model, 0.5, None)
    (series,) = by_inference(tmp_path / "head", judged, found, model, tmp_path / "out")
    assert len(slices) == SLICES - len(empty)
    assert (head["action"], head["refer_reason"]) == (series["action"], series["refer_reason"])
    assert reason in head["refer_reason"] and (head["action"] == "routine") == (not reason)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "x.dcm").write_bytes(b"no DICOM"), "1 file beside it could not be read"),
        (
            lambda folder: write_dicom(folder / "x.dcm", make_dicom(head_hu(192), PixelData=b"\0\0")),
            "1 of its slices could not be scored",
        ),
        (
            lambda folder: write_dicom(
                folder / "x.dcm", make_dicom(head_hu(192) + 9, ImagePositionPatient=[0, 0, 50.0])
            ),
            "several slices at one place",
        ),
    ],
)
def test_files_beside_a_head_make_it_doubtful_as_in_an_inference(model, tmp_path, spoil, reason):
    write_head(tmp_path / "head")
    spoil(tmp_path / "head")
    judged = judge(tmp_path / "head")
    count = len(judged.rows)
    found = Collected(np.tile([0.95, 0.05], (count, 1)), [""] * count, np.zeros(count), UNCERTAINTY)
    _, head = head_records(judged, found, model, 0.5, None)
    (series,) = by_inference(tmp_path / "head", judged, found, model, tmp_path / "out")
    assert head["action"] == series["action"] == "read soon"
    assert head["refer_reason"] == series["refer_reason"] and reason in head["refer_reason"]


def test_a_broken_file_of_another_series_is_no_answer(model, tmp_path):
    write_head(tmp_path / "head")
    write_dicom(tmp_path / "head" / "x.dcm", make_dicom(head_hu(192), SeriesInstanceUID="1.2.3", PixelData=b"\0\0"))
    _, head = head_records(judge(tmp_path / "head"), collected(), model, 0.5, None)
    assert (head["slices"], head["action"]) == (SLICES, "routine")


def test_weights_that_a_training_has_replaced_are_said_to_read_alone_and_without_calibration(tmp_path):
    for name in ("model.pt", "edge.pt"):
        (tmp_path / name).write_bytes(name.encode())
    write_second_reader(tmp_path / "model.pt", SecondReader("edge.pt", 2.0, 0.0))
    model = Model(tmp_path / "model.pt", "binary", VIEW)
    assert describe_model(model, "")["readers"] == "model.pt and edge.pt"
    (tmp_path / "model.pt").write_bytes(b"trained on")
    found = describe_model(Model(tmp_path / "model.pt", "binary", VIEW), "it was not measured")
    assert found["readers"] == "model.pt"
    assert found["missing"][0] == "it was not measured" and "no model.heads.json" in found["missing"][1]
