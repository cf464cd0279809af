"""What the shipped weights say of slices in HU, and of 8-bit pictures of them through display windows.

    HEAD_CT_DATA=FOLDER python -m benchmarks.display_windows

Prints for each window how many pictures are within 0.05 of their slice in HU, the AUC of any hemorrhage, and how many
slices with a hemorrhage and without are called; each slice alone. Reads ``FOLDER/rsna_dicom``: DICOM files in
stage_2_train and their labels in stage_2_train.csv.
"""

import csv
import os
import subprocess
import sys
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
ROOT = Path(__file__).parents[1]


def main(checkpoint: str = "models/model.pt", threshold: float = 0.3) -> None:
    """Print the table.

    Args:
        checkpoint: of the default network and task.
        threshold: of P(any), from which on a slice is called.
    """
    data = os.environ.get("HEAD_CT_DATA")
    if data is None:
        raise InputError("is not set", "set it to a folder that has the folder rsna_dicom", "HEAD_CT_DATA")
    source = Path(data, "rsna_dicom")
    files = sorted((source / "stage_2_train").glob("*.dcm"))
    labels, _, _ = read_rsna_labels(source / "stage_2_train.csv")
    windows = {"of each header": [header_window(path) for path in files]}
    windows |= {f"{level:g}/{width:g}": [(level, width)] * len(files) for level, width in WINDOWS}
    print("| window | scored | agree | AUC | hemorrhages called | others called |\n|" + " --- |" * 6)
    with TemporaryDirectory() as folder:
        hounsfield = _p_any(source / "stage_2_train", Path(folder, "hu"), checkpoint)
        _print("none, HU", hounsfield, hounsfield, labels, threshold)
        for number, (name, each) in enumerate(windows.items()):
            pictures, output = (Path(folder, f"{kind}{number}") for kind in ("pictures", "output"))
            pictures.mkdir()
            for path, window in zip(files, each, strict=True):
                export_picture(path, window, pictures)
            _print(name, _p_any(pictures, output, checkpoint), hounsfield, labels, threshold)


def header_window(path: Path) -> tuple[float, float]:
    """Return level and width in HU of the first window that a DICOM file names."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    level, width = (np.atleast_1d(header[name].value)[0] for name in ("WindowCenter", "WindowWidth"))
    return float(level), float(width)


def export_picture(path: Path, window: tuple[float, float], folder: Path) -> None:
    """Write the 8-bit picture of a DICOM file in HU through a window, as a PNG of the same name."""
    dataset = pydicom.dcmread(path)
    hu = torch.from_numpy(apply_modality_lut(dataset.pixel_array, dataset)).float()
    grey = (window_hu(hu, *window) * 255).round().to(torch.uint8).numpy()
    Image.fromarray(grey).save(folder / f"{path.stem}.png")


def _p_any(images: Path, output: Path, checkpoint: str) -> dict[str, float]:
    values = {"input": images, "output_dir": output, "checkpoint": checkpoint, "slice_smoothing": 0, "page_heads": 0}
    line = [sys.executable, "-W", "ignore:parsing config_file", "-m", "monai.bundle", "run", "--config_file", "configs/inference.json"]
    line += [str(each) for name, value in values.items() for each in (f"--{name}", value)]
    subprocess.run(line, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with (output / "slices.csv").open() as file:
        return {Path(row["image"]).stem: float(row["p_any"]) for row in csv.DictReader(file)}


def _print(
    name: str, found: dict[str, float], hounsfield: dict[str, float], labels: dict[str, list[int]], threshold: float
) -> None:
    near = sum(abs(found[each] - hounsfield[each]) <= AGREE for each in found)
    bleeds, p_any = (np.array([of[each] for each in found]) for of in ({n: v[-1] for n, v in labels.items()}, found))
    auc, called = roc_auc_score(bleeds == 1, p_any), p_any >= threshold
    counts = " | ".join(f"{called[kind].sum()} of {kind.sum()}" for kind in (bleeds == 1, bleeds == 0))
    print(f"| {name} | {len(found)} | {near} | {auc:.3f} | {counts} |", flush=True)


if __name__ == "__main__":
    run_command(main)
