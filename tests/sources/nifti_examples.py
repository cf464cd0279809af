"""NIfTI volumes stored in any order."""

from collections.abc import Sequence
from pathlib import Path

import nibabel as nib
import numpy as np

_DIRECTIONS = {"R": (1, 0, 0), "L": (-1, 0, 0), "A": (0, 1, 0), "P": (0, -1, 0), "S": (0, 0, 1), "I": (0, 0, -1)}


def write_nifti(
    path: Path, stored: np.ndarray, codes: Sequence[str] = "RAS", spacing: Sequence[float] = (0.5, 0.5, 5.0)
) -> Path:
    """Write an array as it is, its axes running to `codes`, voxels of `spacing` mm, and return the path."""
    affine = np.eye(4)
    for axis, (code, size) in enumerate(zip(codes, spacing, strict=True)):
        affine[:3, axis] = np.multiply(_DIRECTIONS[code], size)
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(stored, affine), path)
    return path


def numbered_ct(depth: int, side: int = 16) -> np.ndarray:
    """Return a CT, int16 [side, side, depth], whose slice as stored with index k is of k + 1 HU inside a rim of air."""
    volume = np.full((side, side, depth), -1000, dtype=np.int16)
    volume[2:-2, 2:-2] = np.arange(1, depth + 1)
    return volume
