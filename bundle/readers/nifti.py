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

AXIS_CODES = ("P", "L", "S")
AIR_BELOW, AIR_FRACTION = -200.0, 0.01


def read_nifti(path: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """Return a NIfTI volume, [H, W, D] float32 in axis codes ("P", "L", "S"), and its meta.

    NIfTI does not say what its numbers are. They are taken as HU when at least one voxel in a hundred is below
    -200, which is air in a CT and nothing in an MR; then, as in DICOM, nothing is below -1024. All else is
    `Intensity.ARBITRARY`, and so is a CT whose air was cut off. Voxels that are not finite become air, or 0.

    Raises:
        InputError: when the file cannot be read, is not three-dimensional, or has no usable affine.
    """
    image = open_nifti(path)
    values = _voxels(image, path, ...)
    transform, affine, _ = screen_geometry(image)
    finite = np.isfinite(values)
    is_ct = np.count_nonzero(values < AIR_BELOW) >= AIR_FRACTION * values.size
    if not finite.all():
        values = np.where(finite, values, AIR if is_ct else 0)
    if is_ct:
        values = np.maximum(values, np.float32(AIR))
    array = np.ascontiguousarray(orientations.apply_orientation(values.reshape(image.shape[:3]), transform))
    intensity, modality = (Intensity.HU, "CT") if is_ct else (Intensity.ARBITRARY, "")
    return array, image_meta(array, affine, intensity, modality)


def open_nifti(path: Path) -> nib.Nifti1Image:
    """Return a NIfTI image whose header was checked, its voxels not yet read.

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
    return image


def check_nifti(image: nib.Nifti1Image, path: Path) -> None:
    """Check that the voxels can be read to the last, of which a compressed file has to be unpacked as a whole.

    Raises:
        InputError: when they cannot.
    """
    _voxels(image, path, (-1, -1, -1))


def screen_geometry(image: nib.Nifti1Image) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Return how to reorient an image to ("P", "L", "S"), and the affine (RAS mm) and the shape it then has."""
    shape = image.shape[:3]
    transform = orientations.ornt_transform(
        orientations.io_orientation(image.affine), orientations.axcodes2ornt(AXIS_CODES)
    )
    affine = image.affine @ orientations.inv_ornt_aff(transform, shape)
    source = np.argsort(transform[:, 0])
    return transform, affine, tuple(shape[axis] for axis in source)


def _voxels(image: nib.Nifti1Image, path: Path, part: Any) -> np.ndarray:
    try:
        return np.asarray(image.dataobj[part], dtype=np.float32)
    except Exception as error:  # as above
        raise InputError("is a damaged NIfTI file", "copy or export it again", path) from error
