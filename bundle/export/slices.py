"""The slices that an export is measured and calibrated on."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.transforms import Compose

from bundle.caching.prepare import prepare_all
from bundle.datalist import read_section
from bundle.errors import InputError
from bundle.labels import ANY_INDEX
from bundle.phantom import Manifest, write_phantoms
from bundle.runtime.self_test import SLICES
from bundle.sources.unlabelled import find_images

COMPARED = 64
"""Slices on which a file is compared with PyTorch."""
CALIBRATED = 144
"""Training slices on which int8 is calibrated, a third of them with a bleed."""
FEWEST = 128
_PHANTOMS = Manifest(patients=16, slices=4, size=256)
_OF_SELF_TEST = Manifest(patients=2, slices=SLICES // 2, size=256)

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Slices:
    """Slices as the network sees them."""

    rows: Rows
    images: np.ndarray
    """[N, C, S, S] uint8."""


def prepare(rows: Rows, transform: Compose, title: str) -> Slices:
    """Return the slices of rows.

    Args:
        rows: N of them.
        transform: see `bundle.export.setup.Setup`.
        title: of the progress bar.

    Raises:
        InputError: when an image cannot be read.
    """
    return Slices(rows, np.stack(list(prepare_all(transform, rows, _levels, title))))


def phantom_slices(transform: Compose, folder: Path) -> Slices:
    """Return slices of phantoms, `COMPARED` of them, for an export without a data set.

    Args:
        transform: see `bundle.export.setup.Setup`.
        folder: where the phantoms are written; it must stay as long as the slices are used.
    """
    write_phantoms(folder, _PHANTOMS)
    rows, _ = find_images(folder, all_series=True)
    return prepare(rows[:COMPARED], transform, "phantoms")


def self_test_slices(transform: Compose) -> np.ndarray:
    """Return the slices of phantoms that `bundle.runtime.self_test` runs, [N, C, S, S] uint8."""
    with tempfile.TemporaryDirectory() as folder:
        write_phantoms(folder, _OF_SELF_TEST)
        rows, _ = find_images(folder, all_series=True)
        return prepare(rows, transform, "self-test").images


def validation_rows(datalist: Path | str, dataset_dir: Path | str) -> Rows:
    """Return the validation split, on which calibration and thresholds are chosen.

    Raises:
        InputError: as `bundle.datalist.read_section`; when there are fewer than `COMPARED` slices.
    """
    rows = read_section(datalist, "validation", dataset_dir)
    if len(rows) < COMPARED:
        raise InputError(f"has {len(rows)} validation slices, and an export needs {COMPARED}", file=datalist)
    return rows


def calibration_rows(datalist: Path | str, dataset_dir: Path | str) -> Rows:
    """Return training slices spread evenly over the split, `CALIBRATED` of them, a third with a bleed where possible.

    Raises:
        InputError: as `bundle.datalist.read_section`; when there are fewer than `FEWEST`.
    """
    rows = read_section(datalist, "training", dataset_dir)
    bleeding = [row for row in rows if row["label"][ANY_INDEX] == 1]
    others = [row for row in rows if row["label"][ANY_INDEX] != 1]
    chosen = _spread(bleeding, CALIBRATED // 3)
    chosen += _spread(others, CALIBRATED - len(chosen))
    if len(chosen) < FEWEST:
        raise InputError(f"has {len(chosen)} training slices to calibrate int8 with, and {FEWEST} are needed",
                         "leave int8 out with --int8 false, or give a larger set", datalist)  # fmt: skip
    return chosen


def spread(count: int, wanted: int) -> np.ndarray:
    """Return up to `wanted` of the indices below `count`, spread evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(int))


def _spread(rows: Rows, wanted: int) -> list[Mapping[str, Any]]:
    return [rows[index] for index in spread(len(rows), wanted).tolist()] if rows else []


def _levels(_: Mapping[str, Any], sample: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a sample's image as the bytes that it was scaled from."""
    return np.asarray(torch.as_tensor(sample["image"]).mul(255).round_().to(torch.uint8))
