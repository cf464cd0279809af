"""A NIfTI volume in the orientation of the screen."""

import math
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from nibabel import orientations

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.readers.hounsfield import AIR
from bundle.readers.limits import check_voxels
from bundle.readers.meta import image_meta
from bundle.readers.voxel_unit import find_unit, to_unit

AXIS_CODES = ("P", "L", "S")

_UNITS = {1: 1e3, 3: 1e-3}
"""Millimetres in a metre and in a micron, by the lowest three bits of xyzt_units (nifti1.h); other codes mean mm."""


def read_nifti(path: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """Return a NIfTI volume, [H, W, D] float32 in axis codes ("P", "L", "S"), and its meta.

    What its numbers are, `bundle.readers.voxel_unit.find_unit` finds. Of HU, as in DICOM, none is below -1024. Voxels
    that are not finite become air, or 0.

    Raises:
        InputError: when the file cannot be read, is not three-dimensional, or has no usable affine.
    """
    image = open_nifti(path)
    values, finite = voxels(image, path)
    transform, affine, _ = screen_geometry(image)
    unit = find_unit(values)
    is_ct = unit.intensity is Intensity.HU
    values = to_unit(values, unit)
    if not finite.all():
        values = np.where(finite, values, AIR if is_ct else 0)
    if is_ct:
        values = np.maximum(values, np.float32(AIR))
    array = np.ascontiguousarray(orientations.apply_orientation(values.reshape(image.shape[:3]), transform))
    return array, image_meta(array, affine, unit.intensity, "CT" if is_ct else "")


def open_nifti(path: Path) -> nib.Nifti1Image:
    """Return a NIfTI image whose header was checked, with the affine in mm, its voxels not yet read.

    Raises:
        InputError: when the file is no NIfTI file, is not three-dimensional, or has no usable affine.
    """
    try:
        image = nib.load(path)
    except Exception as error:  # a damaged header makes nibabel fail in any way
        raise InputError("is not a readable NIfTI file", "copy or export it again", path) from error
    if not isinstance(image, nib.Nifti1Image):
        raise InputError(f"is of the format {type(image).__name__}", "convert it to NIfTI", path)
    if len(image.shape) < 3 or any(size != 1 for size in image.shape[3:]) or 0 in image.shape:
        raise InputError(f"has the shape {image.shape}", "give a NIfTI of one volume in three dimensions", path)
    check_voxels(math.prod(image.shape), path)
    if image.get_data_dtype().kind not in "iuf":
        raise InputError(f"has voxels of {image.get_data_dtype()}", "give a NIfTI of one grey value a voxel", path)
    if not np.isfinite(image.affine).all() or np.linalg.matrix_rank(image.affine) < 4:
        raise InputError("has no usable affine, so its orientation is unknown", "set its sform or qform", path)
    image.affine[:3] *= _UNITS.get(int(image.header["xyzt_units"]) & 7, 1.0)
    return image


def check_nifti(image: nib.Nifti1Image, path: Path) -> None:
    """Check that the voxels can be read to the last, of which a compressed file has to be unpacked as a whole.

    Raises:
        InputError: when they cannot.
    """
    _read(image, path, (-1, -1, -1))


def voxels(image: nib.Nifti1Image, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the voxels of an image as stored, float32, and which are finite; the others are 0.

    Raises:
        InputError: when they cannot be read.
    """
    values = _read(image, path, ...)
    finite = np.isfinite(values)
    return values if finite.all() else np.where(finite, values, np.float32(0)), finite


def screen_geometry(image: nib.Nifti1Image) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Return how to reorient an image to ("P", "L", "S"), and the affine (RAS mm) and the shape it then has."""
    shape = image.shape[:3]
    transform = orientations.ornt_transform(
        orientations.io_orientation(image.affine), orientations.axcodes2ornt(AXIS_CODES)
    )
    affine = image.affine @ orientations.inv_ornt_aff(transform, shape)
    source = np.argsort(transform[:, 0])
    return transform, affine, tuple(shape[axis] for axis in source)


def _read(image: nib.Nifti1Image, path: Path, part: Any) -> np.ndarray:
    try:
        return np.asarray(image.dataobj[part], dtype=np.float32)
    except Exception as error:  # as above
        raise InputError("is a damaged NIfTI file", "copy or export it again", path) from error
