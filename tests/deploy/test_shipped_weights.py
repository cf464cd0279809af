"""What models/model.pt, which comes with the bundle, says right after the clone."""

import csv
import json

import numpy as np
import pydicom
import torch
from PIL import Image
from pydicom.pixels import apply_modality_lut

from bundle.files.weights import read_weights
from bundle.packaging import WEIGHTS
from bundle.transforms import window_hu
from bundle.uncertainty import read_uncertainty
from tests.conftest import ROOT

AGREE = 0.05
"""How far P(any) of a slice in HU and of the picture that a viewer exports of it may lie apart."""


def infer(command, folder, output):
    """Return P(any) of each slice alone by the file's name without its ending."""
    done = command(
        "monai.bundle", "run", "--config_file", "configs/inference.json", "--slice_smoothing", 0,
        "--input", folder, "--output_dir", output,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout + done.stderr
    with (output / "slices.csv").open() as file:
        return {row["image"].rsplit("/")[-1].rsplit(".")[0]: float(row["p_any"]) for row in csv.DictReader(file)}


def apart(command, files, windows, folder):
    """Return how far P(any) of DICOM files and of pictures of them through the windows lie apart, by name."""
    (folder / "dicom").mkdir()
    (folder / "png").mkdir()
    for path, (level, width) in zip(files, windows, strict=True):
        (folder / "dicom" / path.name).symlink_to(path)
        dataset = pydicom.dcmread(path)
        hu = torch.from_numpy(apply_modality_lut(dataset.pixel_array, dataset)).float()
        grey = (window_hu(hu, level, width) * 255).round().to(torch.uint8).numpy()
        Image.fromarray(grey).save(folder / "png" / f"{path.stem}.png")
    hounsfield, picture = (infer(command, folder / kind, folder / f"of_{kind}") for kind in ("dicom", "png"))
    assert hounsfield.keys() == picture.keys() and len(picture) == len(files)
    return {name: abs(hounsfield[name] - picture[name]) for name in picture}


def test_the_weights_are_small_and_calibrated():
    assert (ROOT / WEIGHTS).stat().st_size <= 55e6
    assert all(value.dtype != torch.float32 for value in read_weights(ROOT / WEIGHTS).values())
    task = json.loads((ROOT / "configs" / "inference.json").read_text())["task"]
    limits = read_uncertainty(ROOT / WEIGHTS, task).at(0.9)
    assert 0 < limits.normal < 1 and 0 < limits.hemorrhage < 1 and limits.distance > 0


def test_a_phantom_in_hu_and_its_picture_agree(command, tmp_path):
    made = command("scripts.phantom", tmp_path / "phantom", "--patients", 5, "--slices", 4, "--size", 256)
    assert made.returncode == 0, made.stderr
    files = sorted((tmp_path / "phantom" / "stage_2_train").glob("*.dcm"))
    windows = [((40, 80), (36, 80), (40, 85), (30, 80))[index % 4] for index in range(len(files))]
    distances = apart(command, files, windows, tmp_path)
    assert np.mean([each <= AGREE for each in distances.values()]) > 0.5 and max(distances.values()) < 0.3


def test_a_real_slice_in_hu_and_its_picture_agree(command, head_ct_data, tmp_path):
    files = sorted(head_ct_data.glob("rsna_dicom/**/*.dcm"))
    windows = []
    for path in files:
        header = pydicom.dcmread(path, stop_before_pixels=True)
        values = [header[name].value for name in ("WindowCenter", "WindowWidth")]
        windows.append(
            [float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value) for value in values]
        )
    distances = apart(command, files, windows, tmp_path)
    farther = {name: round(each, 3) for name, each in distances.items() if each > AGREE}
    print(f"{len(farther)} of {len(distances)} lie farther apart than {AGREE}: {farther}")
    assert len(farther) <= 0.25 * len(distances)
