"""What the shipped weights say of slices in HU, and of pictures of them as people export them.

    HEAD_CT_DATA=FOLDER python -m benchmarks.pictures

Prints for each kind of picture how many are within 0.05 of their slice in HU, the AUC of any hemorrhage, and how many
slices with a hemorrhage and without are called; each slice alone. The pictures have 8 bits: through the window of each
header, through other windows, and, through that of the header, turned, cropped, made smaller and encoded again. Reads
``FOLDER/rsna_dicom``: DICOM files in stage_2_train and their labels in stage_2_train.csv.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pydicom
import torch
from PIL import Image
from pydicom.pixels import apply_modality_lut
from sklearn.metrics import roc_auc_score

from bundle.command import run_command
from bundle.errors import InputError
from bundle.sources.rsna_labels import read_rsna_labels
from bundle.transforms import window_hu

AGREE = 0.05
"""How far P(any) of a slice in HU and of the picture that a viewer exports of it may lie apart."""
WINDOWS = ((40.0, 80.0), (40.0, 150.0), (50.0, 250.0))
COARSE = (192, 160, 128, 96)
"""Pixels a side."""
CUT = 0.06
"""Share of the head's width and height that is cut off at each side."""
ROOT = Path(__file__).parents[1]

Change = Callable[[Image.Image], Image.Image]


def main(configs: str = "configs/inference.json", threshold: float = 0.3) -> None:
    """Print the table.

    Args:
        configs: of inference, as MONAI's --config_file takes them.
        threshold: of P(any), from which on a slice is called.
    """
    data = os.environ.get("HEAD_CT_DATA")
    if data is None:
        raise InputError("is not set", "set it to a folder that has the folder rsna_dicom", "HEAD_CT_DATA")
    source = Path(data, "rsna_dicom")
    files = sorted((source / "stage_2_train").glob("*.dcm"))
    labels, _, _ = read_rsna_labels(source / "stage_2_train.csv")
    bleeds = {name: label[-1] for name, label in labels.items()}
    print("| picture | scored | agree | AUC | hemorrhages called | others called |\n|" + " --- |" * 6)
    with TemporaryDirectory() as folder:
        hounsfield = _p_any(source / "stage_2_train", Path(folder, "hu"), configs)
        _print("none, HU", hounsfield, hounsfield, bleeds, threshold)
        for number, (name, (window, suffix, change)) in enumerate(KINDS.items()):
            pictures, output = (Path(folder, f"{kind}{number}") for kind in ("pictures", "output"))
            pictures.mkdir()
            for path in files:
                export_picture(path, window or header_window(path), pictures, suffix, change)
            _print(name, _p_any(pictures, output, configs), hounsfield, bleeds, threshold)


def header_window(path: Path) -> tuple[float, float]:
    """Return level and width in HU of the first window that a DICOM file names."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    level, width = (np.atleast_1d(header[name].value)[0] for name in ("WindowCenter", "WindowWidth"))
    return float(level), float(width)


def export_picture(
    path: Path, window: tuple[float, float], folder: Path, suffix: str = ".png", change: Change | None = None
) -> None:
    """Write the 8-bit picture of a DICOM file in HU through a window, under the same name.

    Args:
        path: of the DICOM file.
        window: level and width in HU.
        folder: to write to.
        suffix: of the picture's format.
        change: what is done to the picture before it is written.
    """
    dataset = pydicom.dcmread(path)
    hu = torch.from_numpy(apply_modality_lut(dataset.pixel_array, dataset)).float()
    picture = Image.fromarray((window_hu(hu, *window) * 255).round().to(torch.uint8).numpy())
    (change(picture) if change else picture).save(folder / f"{path.stem}{suffix}")


def _cropped(picture: Image.Image) -> Image.Image:
    box = picture.point(lambda grey: 255 * (grey > 8)).getbbox() or (0, 0, *picture.size)
    across, down = (round((box[end] - box[end - 2]) * CUT) for end in (2, 3))
    return picture.crop((box[0] + across, box[1] + down, box[2] - across, box[3] - down))


KINDS: Mapping[str, tuple[tuple[float, float] | None, str, Change | None]] = {
    "window of each header": (None, ".png", None),
    **{f"window {level:g}/{width:g}": ((level, width), ".png", None) for level, width in WINDOWS},
    "upside down": (None, ".png", lambda picture: picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)),
    "turned by 180°": (None, ".png", lambda picture: picture.rotate(180)),
    "turned by 90°": (None, ".png", lambda picture: picture.rotate(90)),
    "turned by 15°": (None, ".png", lambda picture: picture.rotate(15, Image.Resampling.BILINEAR)),
    "JPEG, 256 pixels a side": (None, ".jpg", lambda picture: picture.resize((256, 256))),
    **{f"{side} pixels a side": (None, ".png", partial(Image.Image.resize, size=(side, side))) for side in COARSE},
    f"{CUT:.0%} of the head cut off at each side": (None, ".png", _cropped),
}
"""Window, None for that of the header; format; and what is done to the picture."""


def _p_any(images: Path, output: Path, configs: str) -> dict[str, float]:
    values = {"config_file": configs, "input": images, "output_dir": output, "slice_smoothing": 0, "page_heads": 0}
    line = [sys.executable, "-W", "ignore:parsing config_file", "-m", "monai.bundle", "run"]
    line += [str(each) for name, value in values.items() for each in (f"--{name}", value)]
    subprocess.run(line, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with (output / "slices.csv").open() as file:
        return {Path(row["image"]).stem: float(row["p_any"]) for row in csv.DictReader(file)}


def _print(
    name: str, found: dict[str, float], hounsfield: dict[str, float], bleeds: Mapping[str, int | None], threshold: float
) -> None:
    near = sum(abs(found[each] - hounsfield[each]) <= AGREE for each in found)
    truth, p_any = (np.array([of[each] for each in found]) for of in (bleeds, found))
    auc, called = roc_auc_score(truth == 1, p_any), p_any >= threshold
    counts = " | ".join(f"{called[kind].sum()} of {kind.sum()}" for kind in (truth == 1, truth == 0))
    print(f"| {name} | {len(found)} | {near} | {auc:.3f} | {counts} |", flush=True)


if __name__ == "__main__":
    run_command(main)
