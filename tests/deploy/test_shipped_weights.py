"""What the weights that come with the bundle say right after the clone."""

import csv
import json

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from benchmarks.pictures import AGREE, export_picture, header_window
from bundle.files.weights import read_weights
from bundle.packaging import WEIGHTS
from bundle.sources.rsna_labels import read_rsna_labels
from bundle.uncertainty import read_uncertainty
from tests.conftest import ROOT

DRIFT = 0.01
"""How far P(any) of a slice may move from machine to machine, and from version to version of a library."""

OWN = "configs/inference.json"
SMALL = "['configs/inference.json','configs/model_edge.json']"


def infer(command, folder, output, configs=OWN):
    """Return P(any) of each slice alone by the file's name without its ending."""
    done = command(
        "monai.bundle", "run", "--config_file", configs, "--slice_smoothing", 0,
        "--input", folder, "--output_dir", output,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout + done.stderr
    with (output / "slices.csv").open() as file:
        return {row["image"].rsplit("/")[-1].rsplit(".")[0]: float(row["p_any"]) for row in csv.DictReader(file)}


def apart(command, files, windows, folder):
    """Return how far P(any) of DICOM files and of pictures of them through the windows lie apart, by name.

    A picture of almost nothing, as of the vertex, is left out, where the same slice in HU is scored.
    """
    (folder / "dicom").mkdir()
    (folder / "png").mkdir()
    for path, window in zip(files, windows, strict=True):
        (folder / "dicom" / path.name).symlink_to(path)
        export_picture(path, window, folder / "png")
    hounsfield, picture = (infer(command, folder / kind, folder / f"of_{kind}") for kind in ("dicom", "png"))
    assert picture.keys() <= hounsfield.keys() and len(hounsfield) == len(files)
    assert len(picture) >= 0.95 * len(files)
    return {name: abs(hounsfield[name] - picture[name]) for name in picture}


def test_the_weights_are_small_and_calibrated():
    assert (ROOT / WEIGHTS).stat().st_size <= 55e6
    assert all(value.dtype != torch.float32 for value in read_weights(ROOT / WEIGHTS).values())
    task = json.loads((ROOT / "configs" / "inference.json").read_text())["task"]
    limits = read_uncertainty(ROOT / WEIGHTS, task, None).at(0.9)
    assert 0 < limits.normal < 1 and 0 < limits.hemorrhage < 1 and limits.distance > 0


SAID = {
    OWN: [0.1717, 0.1318, 0.1422, 0.7822, 0.0542, 0.7901, 0.2815, 0.7366, 0.0177, 0.6244],
    SMALL: [0.3953, 0.1027, 0.0927, 0.4657, 0.0536, 0.6284, 0.358, 0.5853, 0.0207, 0.4269],
}
"""P(any) of every sixteenth phantom slice, as it was when the weights were shipped."""


@pytest.fixture(scope="module")
def phantoms(command, tmp_path_factory):
    """Folder of 160 slices, and the names of those with a hemorrhage."""
    folder = tmp_path_factory.mktemp("phantoms")
    made = command("scripts.phantom", folder, "--patients", 20, "--slices", 8, "--size", 256, "--seed", 7)
    assert made.returncode == 0, made.stderr
    labels, _, _ = read_rsna_labels(folder / "stage_2_train.csv")
    return folder / "stage_2_train", {name for name, label in labels.items() if label[-1] == 1}


@pytest.mark.parametrize("configs", SAID)
def test_phantoms_are_told_apart_and_probabilities_do_not_drift(command, phantoms, tmp_path, configs):
    folder, bleeds = phantoms
    found = infer(command, folder, tmp_path / "out", configs)
    assert len(found) == 160 and bleeds < found.keys()
    assert roc_auc_score([name in bleeds for name in found], list(found.values())) >= 0.8
    np.testing.assert_allclose([found[name] for name in sorted(found)[::16]], SAID[configs], atol=DRIFT)


def test_a_phantom_in_hu_and_its_picture_agree(command, tmp_path):
    made = command("scripts.phantom", tmp_path / "phantom", "--patients", 5, "--slices", 4, "--size", 256)
    assert made.returncode == 0, made.stderr
    files = sorted((tmp_path / "phantom" / "stage_2_train").glob("*.dcm"))
    windows = [((40, 80), (36, 80), (40, 85), (30, 80))[index % 4] for index in range(len(files))]
    distances = apart(command, files, windows, tmp_path)
    assert np.mean([each <= AGREE for each in distances.values()]) > 0.5 and max(distances.values()) < 0.3


def test_a_real_slice_in_hu_and_its_picture_agree(command, head_ct_data, tmp_path):
    files = sorted(head_ct_data.glob("rsna_dicom/**/*.dcm"))
    windows = [header_window(path) for path in files]
    distances = apart(command, files, windows, tmp_path)
    farther = {name: round(each, 3) for name, each in distances.items() if each > AGREE}
    print(f"{len(farther)} of {len(distances)} lie farther apart than {AGREE}: {farther}")
    assert len(farther) <= 0.15 * len(distances)
