"""What is fitted on a checkpoint holds for its file in float32, and with wider sets for that in int8."""

import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest

from bundle.export import export_folder
from bundle.export.inherited import widened_heads
from bundle.heads import HeadCalibration, Heads, read_heads, write_heads
from bundle.heads.log_odds import probability
from bundle.predictions import Predictions
from bundle.runtime import read_export
from bundle.uncertainty import read_uncertainty, write_uncertainty
from tests.predictions.views import VIEW
from tests.results.examples import UNCERTAINTY

WIDE = HeadCalibration(1.5, 0.5, normal=0.9999, hemorrhage=0.0001, heads_normal=20, heads_hemorrhage=20)
HEADS = Heads("subtype", VIEW, WIDE, None)


@pytest.fixture
def fitted(setup, tmp_path):
    """The setup of a checkpoint with calibrations of heads and an uncertainty beside it."""
    checkpoint = tmp_path / "weights" / "model.pt"
    checkpoint.parent.mkdir()
    shutil.copy(setup.checkpoint, checkpoint)
    write_heads(checkpoint, replace(HEADS, view=setup.view))
    write_uncertainty(checkpoint, replace(UNCERTAINTY, task="subtype", view=setup.view))
    return replace(setup, checkpoint=checkpoint)


def test_without_a_data_set_the_file_in_float32_has_what_the_checkpoint_has(fitted, tmp_path):
    export = export_folder(fitted, tmp_path / "out", None, None, int8=True)
    file = tmp_path / "out" / "classifier.onnx"
    assert read_heads(file, "subtype", fitted.view).placed == WIDE, "signed for the very file"
    assert read_uncertainty(file, "subtype", fitted.view).limits[0].distance == UNCERTAINTY.limits[0].distance
    assert export.runtimes["fp32"].heads == {"fitted_on": "checkpoint"}
    assert {"classifier.heads.json", "classifier.uncertainty.npz"} <= set(export.files)


def test_with_a_data_set_without_whole_heads_int8_has_wider_sets(fitted, data, tmp_path):
    export_folder(fitted, tmp_path / "out", data, None, int8=True)
    runtimes = read_export(tmp_path / "out").runtimes
    assert read_heads(tmp_path / "out" / "classifier.onnx", "subtype", fitted.view).placed == WIDE
    margin = runtimes["int8"].heads["log_odds_margin"]["placed"]
    assert runtimes["int8"].heads == {"fitted_on": "checkpoint", "log_odds_margin": {"placed": margin}}
    wide = read_heads(tmp_path / "out" / "classifier.int8.onnx", "subtype", fitted.view).placed
    assert 0 < margin < 1 and wide.normal > WIDE.normal and wide.hemorrhage < WIDE.hemorrhage
    assert (wide.slope, wide.intercept) == (WIDE.slope, WIDE.intercept)


def test_calibrations_of_another_smoothing_are_not_taken_over(fitted, tmp_path):
    export = export_folder(replace(fitted, slice_smoothing=0.0), tmp_path / "out", None, None, int8=True)
    assert export.runtimes["fp32"].heads is None and "classifier.heads.json" not in export.files


def test_an_export_of_before_has_no_calibrations_of_heads(exported, tmp_path):
    copy = shutil.copytree(exported, tmp_path / "copy")
    content = json.loads((copy / "export.json").read_text())
    for entry in content["runtimes"].values():
        del entry["heads"]
    (copy / "export.json").write_text(json.dumps(content))
    assert [entry.heads for entry in read_export(copy).runtimes.values()] == [None, None]


def predictions(z):
    p_any = probability(np.asarray(z))
    return Predictions.of_rows([{} for _ in z], np.column_stack([1 - p_any, p_any]), "binary")


def test_the_margin_is_how_far_slices_near_the_limits_move():
    rng = np.random.default_rng(0)
    z = np.concatenate([rng.uniform(-3, 1, 400), np.full(600, -9.0)])
    moved = rng.normal(0, 0.1, 1000)
    moved[400:] = 5  # far from the limits, where it decides nothing
    calibration = HeadCalibration(2.0, 1.0, normal=0.4, hemorrhage=0.2, heads_normal=30, heads_hemorrhage=30)
    heads = Heads("binary", VIEW, calibration, None)
    found, margins = widened_heads(heads, predictions(z), predictions(z + moved))
    assert margins["placed"] == pytest.approx(2 * 1.96 * 0.1, rel=0.2)
    peaks = np.linspace(-4, 2, 200)
    for shift in (-1, 0, 1):
        near = probability(peaks + shift * 0.99 * margins["placed"] / calibration.slope)
        now = calibration.sets(calibration.p_any(probability(peaks)))
        assert (found.placed.sets(found.placed.p_any(near)) >= now).all(), "no class is lost"
    assert found.placed.sets(0.5).tolist() == [False, True] and found.placed.sets(0.1).tolist() == [True, False]


def test_too_few_slices_near_the_limits_give_no_calibration():
    z = np.full(15, -0.5)
    heads = Heads("binary", VIEW, HeadCalibration(1.0, 0.0, 0.4, 0.3, 30, 30), None)
    assert widened_heads(heads, predictions(z), predictions(z)) == (None, {})
    assert math.isinf(replace(heads.placed, slope=0.0).peak_at(0.5))
