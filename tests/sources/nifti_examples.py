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


def numbered_ct(depth: int, seed: int = 0, side: int = 16) -> np.ndarray:
    """Return a CT, int16 [side, side, depth], of noise inside a rim of air, alike for no two seeds.

    The pixels in the middle of the slice as stored with index k are of k + 1 HU.
    """
    volume = np.full((side, side, depth), -1000, dtype=np.int16)
    volume[2:-2, 2:-2] = np.random.default_rng(seed).integers(0, 80, (side - 4, side - 4, depth))
    volume[side // 2 - 1 : side // 2 + 1, side // 2 - 1 : side // 2 + 1] = np.arange(1, depth + 1)
    return volume
