"""Where a slice lies in the patient: affine, normal and position, in RAS millimetres.

DICOM's patient coordinates are LPS (PS3.3 C.7.6.2.1.1); MONAI's and NIfTI's are RAS.
"""

import math
from collections.abc import Sequence

import numpy as np

LPS_TO_RAS = (-1.0, -1.0, 1.0)
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""ImageOrientationPatient of an axial slice with the patient's right on the left of the screen."""


def slice_affine(
    orientation: Sequence[float] = AXIAL,
    position: Sequence[float] = (0.0, 0.0, 0.0),
    spacing: Sequence[float] = (1.0, 1.0),
    thickness: float = 1.0,
) -> np.ndarray:
    """Return the 4×4 affine of a slice, float64, (row, column, slice) → RAS mm.

    Args:
        orientation: ImageOrientationPatient, the direction of a row then that of a column.
        position: ImagePositionPatient of the first pixel, LPS mm.
        spacing: PixelSpacing, between rows then between columns, mm.
        thickness: distance to the next slice, mm.

    Raises:
        ZeroDivisionError: when the two directions of `orientation` do not span a plane.
    """
    along_row, along_column = _directions(orientation)
    axes = zip(along_column, along_row, _normal(along_column, along_row), LPS_TO_RAS, position, strict=True)
    rows, columns = spacing
    return np.array(
        [[down * rows, right * columns, up * thickness, sign * origin] for down, right, up, sign, origin in axes]
        + [[0.0, 0.0, 0.0, 1.0]]
    )


def plane_position(orientation: Sequence[float], position: Sequence[float]) -> float:
    """Return how far along its normal a slice lies, as `slice_position` of its affine, in a tenth of the time.

    Args:
        orientation: ImageOrientationPatient.
        position: ImagePositionPatient, LPS mm.

    Raises:
        ZeroDivisionError: as `slice_affine`.
    """
    along_row, along_column = _directions(orientation)
    normal = _normal(along_column, along_row)
    return sum(up * sign * origin for up, sign, origin in zip(normal, LPS_TO_RAS, position, strict=True))


def slice_normal(affine: np.ndarray) -> np.ndarray:
    """Return the unit normal of a slice's plane, shape [3], that points to superior (or anterior, or right)."""
    return np.array(_normal(affine[:3, 0].tolist(), affine[:3, 1].tolist()))


def slice_position(affine: np.ndarray, index: int = 0) -> float:
    """Return how far along its normal slice `index` lies, in mm, growing from inferior to superior."""
    return float(slice_normal(affine) @ (affine[:3, 3] + index * affine[:3, 2]))


def screen_sides(affine: np.ndarray) -> tuple[str, str]:
    """Return the letters of the patient's sides at the left and the right edge of the screen (PS3.3 C.7.6.1.1.1).

    R and L are the patient's right and left, A and P anterior and posterior, F and H feet and head.

    Args:
        affine: of the slice, (row, column, slice) → RAS mm.
    """
    along_row = affine[:3, 1]
    axis = int(np.abs(along_row).argmax())
    sides = ("LR", "PA", "FH")[axis]
    return (sides[0], sides[1]) if along_row[axis] > 0 else (sides[1], sides[0])


def _directions(orientation: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the directions of a row and of a column, RAS."""
    x, y, z = LPS_TO_RAS
    a, b, c, d, e, f = orientation
    return [x * a, y * b, z * c], [x * d, y * e, z * f]


def _normal(a: Sequence[float], b: Sequence[float]) -> list[float]:
    # Plain floats: for three of them NumPy's cross takes longer than decoding the image.
    normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    length = math.copysign(math.hypot(*normal), max(normal, key=abs))
    return [value / length for value in normal]
