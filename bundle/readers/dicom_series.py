"""A DICOM series → one volume, sorted by position."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.readers.dicom_header import dicom_affine, dicom_position, modality, open_dicom, quiet_pydicom, text
from bundle.readers.dicom_slice import decode
from bundle.readers.meta import image_meta


def read_dicom_series(paths: Sequence[Path]) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the slices of one series as a volume, [H, W, D] float32, D from inferior to superior, and its meta.

    Slices are sorted by ImagePositionPatient projected on their normal; InstanceNumber is not needed. Uneven spacing
    and gantry tilt are kept as they are: nothing is resampled, and the affine holds the median step from slice to
    slice. Slices at one position stay in the order of `paths`.

    Raises:
        InputError: when a file is not one slice that can be scored, see `bundle.readers.read_dicom_slice`, or the
            files are not of one series, shape and orientation, or have no position to sort by.
    """
    with quiet_pydicom():
        datasets = [open_dicom(path) for path in paths]
        affines = [dicom_affine(dataset, path) for dataset, path in zip(datasets, paths, strict=True)]
        positions = [dicom_position(dataset, path) for dataset, path in zip(datasets, paths, strict=True)]
        first, series = datasets[0], text(datasets[0], "SeriesInstanceUID", paths[0])
        for dataset, affine, position, path in zip(datasets, affines, positions, paths, strict=True):
            if text(dataset, "SeriesInstanceUID", path) != series:
                raise InputError(f"{path} and {paths[0]} are of different series; give one series at a time")
            shape = dataset.Rows, dataset.Columns
            if shape != (first.Rows, first.Columns) or not np.allclose(affine[:3, :2], affines[0][:3, :2], atol=1e-3):
                raise InputError(f"{path} has another shape or orientation than {paths[0]}; give its slices one by one")
            if position is None and len(paths) > 1:
                raise InputError(f"{path} has no ImagePositionPatient to sort by; give its slices one by one")
        order = sorted(range(len(paths)), key=lambda index: positions[index] or 0.0)
        volume = np.stack([decode(datasets[index], paths[index]) for index in order], axis=-1)
    kind = modality(first)
    intensity = Intensity.HU if kind == "CT" else Intensity.ARBITRARY
    return volume, image_meta(volume, _volume_affine([affines[index] for index in order]), intensity, kind)


def _volume_affine(affines: Sequence[np.ndarray]) -> np.ndarray:
    """Return the affine of the lowest slice with the median step to the next, which tilts with the gantry."""
    affine = affines[0].copy()
    if len(affines) > 1:
        step = np.median(np.diff([slice_[:3, 3] for slice_ in affines], axis=0), axis=0)
        if np.any(step):
            affine[:3, 2] = step
    return affine
