"""What the picture of a slice says of the slice, from the file to the corners."""

import nibabel as nib
import numpy as np
import pytest
import torch
from PIL import Image

from bundle.explain import Explainer
from bundle.predictions import Predictions
from bundle.results.overlays import draw_overlays, sides_of, slice_numbers
from tests.explain.bright import BrightCorner

SIDE = 64


def explainer(row):
    sample = {
        "image": torch.zeros(1, 32, 32), "box_start": torch.tensor([0, 0]), "box_end": torch.tensor([SIDE, SIDE])
    }  # fmt: skip
    return Explainer(BrightCorner(), [sample], [row], "binary", "conv")


@pytest.mark.parametrize("right_first", [True, False])
def test_a_volume_is_shown_with_the_right_of_the_patient_on_the_left(tmp_path, right_first):
    affine = np.diag([-1.0 if right_first else 1.0, 1, 2, 1])
    volume = np.random.default_rng(0).normal(30, 5, (SIDE, SIDE, 3)).astype(np.float32)
    nib.save(nib.Nifti1Image(volume, affine), tmp_path / "a.nii")
    row = {"image": str(tmp_path / "a.nii"), "slice": 1, "orientation": "axial"}
    (explanation,) = explainer(row).explain([0], [1])
    assert sides_of(row, explanation.read()) == ("R", "L")


@pytest.mark.parametrize("orientation", ["", None])
def test_the_sides_of_a_picture_are_unknown(tmp_path, orientation):
    Image.new("L", (SIDE, SIDE), 60).save(tmp_path / "a.png")
    row = {"image": str(tmp_path / "a.png"), "orientation": orientation}
    (explanation,) = explainer(row).explain([0], [1])
    assert sides_of(row, explanation.read()) is None


def test_slices_are_numbered_within_their_series():
    records = [{"study": "1", "series": series, "part": ""} for series in "abaab"]
    assert slice_numbers(records) == [(1, 3), (1, 2), (2, 3), (3, 3), (2, 2)]


def test_an_overlay_carries_its_captions(tmp_path):
    Image.new("L", (SIDE, SIDE), 60).save(tmp_path / "a.png")
    one = explainer({"image": str(tmp_path / "a.png"), "study": "", "series": "", "part": ""})
    record = {"image": "a.png", "slice": "", "study": "", "series": "", "part": "", "position": None, "p_any": 0.5}
    predictions = Predictions.of_rows([record], [[0.5, 0.5]], "binary")
    assert draw_overlays(tmp_path / "out", one, [0], predictions, [record], [0]) == {0: "a.png.png"}
    (plain,) = one.overlays([0], [1])
    with Image.open(tmp_path / "out" / "a.png.png") as image:
        drawn = np.asarray(image)
    written = (drawn != plain).any(-1)
    assert drawn.shape == plain.shape
    assert written[:20].any() and written[-20:].any() and not written[24:40].any(), "at the edges, with no side"
