"""A slice has one number wherever it is named, counted over all slices of its head."""

import json
import re

import nibabel as nib
import numpy as np
import pytest
import torch

from bundle.explain import Explainer
from bundle.pictures import captions
from bundle.results import Collected, Model, Page, Results, overlays
from bundle.sources.unlabelled import find_images
from tests.explain.bright import BrightCorner
from tests.predictions.views import VIEW
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom

SLICES, SIDE = 30, 32
LOST, BLEED = (0, 1, 2, 3, 4, 20), (10, 11, 12)
"""Indices of slices that are not scored, and of those in which a bleed is seen, most in the middle one."""


def volume(folder):
    voxels = np.repeat(head_hu(SIDE).astype(np.float32)[..., None], SLICES, axis=-1)
    nib.save(nib.Nifti1Image(voxels, np.diag([-2.0, 2, 5, 1])), folder / "head.nii.gz")


def series(folder):
    for index in range(SLICES):
        write_dicom(
            folder / f"{SLICES - index:02d}.dcm", make_dicom(head_hu(SIDE), ImagePositionPatient=[0, 0, 5 * index])
        )


@pytest.mark.parametrize("write", [volume, series])
def test_the_numbers_of_place_page_and_pictures_agree(write, tmp_path, monkeypatch):
    head = tmp_path / "head"
    head.mkdir()
    write(head)
    rows, rejected = find_images(head)
    p_any = np.full(SLICES, 0.05)
    p_any[list(BLEED)] = 0.7, 0.9, 0.7
    reasons = ["all of it is 0" * (index in LOST) for index in range(SLICES)]
    collected = Collected(
        np.column_stack([1 - p_any, p_any]), reasons, kinds=["empty" * bool(each) for each in reasons]
    )
    sample = {"image": torch.zeros(1, SIDE, SIDE), "box_start": torch.tensor([0, 0])}
    samples = [{**sample, "box_end": torch.tensor([SIDE, SIDE])}] * SLICES
    explainer = Explainer(BrightCorner(), samples, rows, "binary", "conv")
    drawn, real = [], captions.slice_captions
    monkeypatch.setattr(overlays, "slice_captions", lambda *given: drawn.append(given[2:]) or real(*given))
    (tmp_path / "model.pt").write_bytes(b"weights")
    model = Model(tmp_path / "model.pt", "binary", VIEW)
    answer = Results(model, Page(1), overlays=1).write(collected, explainer, rejected, head, tmp_path / "out")
    (found,) = answer.records.series
    most = BLEED[1] + 1
    assert (found["where_from_slice"], found["where_to_slice"]) == (most - 1, most + 1)
    assert f"slices {most - 1} to {most + 1} counted from the base (50.0 to 60.0 mm)" in answer.summary()
    if write is volume:
        assert f"most suspicious: head.nii.gz slice {most}" in answer.summary()
    assert drawn == [(most, SLICES)]
    page = (tmp_path / "out" / "index.html").read_text()
    assert f'data-first="{most}" data-count="{SLICES}"' in page and f"slice {most} of {SLICES}" in page
    (stack,) = (json.loads(each) for each in re.findall(r'class="slices">(.*?)</script>', page))
    scored = [index + 1 for index in range(SLICES) if index not in LOST]
    assert [each["number"] for each in stack] == scored
    assert [int(each) for each in re.findall(r"<title>slice (\d+)</title>", page)] == scored
