"""NIfTI volumes and their masks: which slice as read is which slice as stored."""

from itertools import product
from pathlib import Path
from typing import TypedDict

import nibabel as nib
import numpy as np

from bundle.errors import InputError
from bundle.gate import require_volume
from bundle.readers.geometry import slice_position
from bundle.readers.nifti import check_nifti, open_nifti, screen_geometry

TOLERANCE = 0.1
"""Millimetres by which the corners of a volume and of its mask may differ, as their headers round differently."""


class Volume(TypedDict):
    """What is known of a volume without its voxels, in plain JSON values."""

    shape: list[int]
    """As stored."""
    affine: list[list[float]]
    """As stored, to RAS mm."""
    positions: list[float]
    """mm, of each slice as read."""
    order: list[int] | None
    """Index as read of each slice as stored; None when the last axis as stored is not that of the axial slices."""


def read_volume(file: Path) -> Volume:
    """Read a volume's header, after a check that the file is whole.

    Raises:
        InputError: as `bundle.readers` says.
    """
    image = open_nifti(file)
    check_nifti(image, file)
    return describe_volume(image)


def read_image_volume(file: Path) -> Volume:
    """Read the header of a volume that is no mask.

    Raises:
        InputError: as `bundle.readers` says; when `bundle.gate` leaves the volume out.
    """
    require_volume(file)
    return describe_volume(open_nifti(file))


def describe_volume(image: nib.Nifti1Image) -> Volume:
    """Return what a header tells.

    Volumes are read in the order of the screen, see `bundle.readers`, in which the slices may run the other way round
    than in the file, by whose order tables number them.
    """
    transform, affine, (*_, depth) = screen_geometry(image)
    axis, direction = transform[2]
    indices = list(range(depth))
    return {
        "shape": list(image.shape[:3]),
        "affine": image.affine.tolist(),
        "positions": [round(slice_position(affine, index), 3) for index in indices],
        "order": None if axis != 2 else indices if direction > 0 else indices[::-1],
    }


def slice_order(volume: Volume, file: Path) -> list[int]:
    """Return the index as read of each slice as stored.

    Raises:
        InputError: when the last axis as stored does not run through the axial slices.
    """
    if volume["order"] is None:
        raise InputError("is not stored in axial slices, by which its slices are numbered", "store it so", file)
    return volume["order"]


def same_grid(volume: Volume, mask: Volume) -> bool:
    """Return whether the voxels of a mask are those of its volume: of one shape, and in one place to `TOLERANCE`."""
    if volume["shape"] != mask["shape"]:
        return False
    corners = np.array([(*corner, 1) for corner in product(*((0, size - 1) for size in volume["shape"]))])
    difference = np.subtract(volume["affine"], mask["affine"])
    return bool(np.abs(corners @ difference.T).max() <= TOLERANCE)
