"""A DICOM series → one volume, sorted by position."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.readers.dicom_file import open_dicom
from bundle.readers.dicom_pixels import decode
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
    slices = [open_dicom(path) for path in paths]
    first = slices[0]
    for each in slices:
        if each.text("SeriesInstanceUID") != first.text("SeriesInstanceUID"):
            raise InputError(f"is of a different series than {first.path}", "give one series at a time", each.path)
        if each.shape != first.shape or not np.allclose(each.affine[:3, :2], first.affine[:3, :2], atol=1e-3):
            problem = f"has another shape or orientation than {first.path}"
            raise InputError(problem, "give its slices one by one", each.path)
        if each.position is None and len(slices) > 1:
            raise InputError("has no ImagePositionPatient to sort by", "give its slices one by one", each.path)
    slices.sort(key=lambda each: each.position or 0.0)
    volume = np.stack([decode(each) for each in slices], axis=-1)
    affine = _volume_affine([each.affine for each in slices])
    return volume, image_meta(volume, affine, first.intensity, first.modality)


def _volume_affine(affines: Sequence[np.ndarray]) -> np.ndarray:
    """Return the affine of the lowest slice with the median step to the next, which tilts with the gantry."""
    affine = affines[0].copy()
    if len(affines) > 1:
        steps = np.diff([slice_[:3, 3] for slice_ in affines], axis=0)
        steps = steps[steps.any(axis=1)]  # a copy is no step
        if len(steps):
            affine[:3, 2] = np.median(steps, axis=0)
    return affine
