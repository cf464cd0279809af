"""NIfTI volumes and their masks: which slice as read is which slice as stored."""

from itertools import product
from pathlib import Path

import nibabel as nib
import numpy as np

from bundle.errors import InputError
from bundle.readers.geometry import slice_position
from bundle.readers.nifti import check_nifti, open_nifti, screen_geometry

TOLERANCE = 0.1
"""Millimetres by which the corners of a volume and of its mask may differ, as their headers round differently."""


def open_volume(file: Path) -> nib.Nifti1Image:
    """Open a NIfTI volume after a check that it is whole.

    Raises:
        InputError: as `bundle.readers` says.
    """
    image = open_nifti(file)
    check_nifti(image, file)
    return image


def stored_slices(image: nib.Nifti1Image, file: Path) -> list[tuple[int, float]]:
    """Return, for each index along the last axis as stored, the slice's index as read and its position in mm.

    Volumes are read in the order of the screen, see `bundle.readers`, in which the slices may run the other way round
    than in the file, by whose order tables number them.

    Raises:
        InputError: when the last axis as stored does not run through the axial slices.
    """
    transform, affine, (*_, depth) = screen_geometry(image)
    axis, direction = transform[2]
    if axis != 2:
        raise InputError(f"{file} is not stored in axial slices, by which its slices are numbered; store it so")
    indices = range(depth) if direction > 0 else range(depth - 1, -1, -1)
    return [(index, round(slice_position(affine, index), 3)) for index in indices]


def same_grid(image: nib.Nifti1Image, mask: nib.Nifti1Image) -> bool:
    """Return whether the voxels of a mask are those of its image: of one shape, and in one place to `TOLERANCE`."""
    if image.shape[:3] != mask.shape[:3]:
        return False
    corners = np.array([(*corner, 1) for corner in product(*((0, size - 1) for size in image.shape[:3]))])
    return bool(np.abs(corners @ (image.affine - mask.affine).T).max() <= TOLERANCE)
