"""Volumes with masks in the layouts of BHSD and INSTANCE."""

from pathlib import Path

import numpy as np

from tests.sources.nifti_examples import numbered_ct, write_nifti

DEPTH = 4


def square_mask(value: int, index: int, side: int = 8, depth: int = DEPTH) -> np.ndarray:
    """Return a mask [16, 16, depth] with a square of `side` pixels in one slice."""
    mask = np.zeros((16, 16, depth), dtype=np.uint8)
    mask[2 : 2 + side, 2 : 2 + side, index] = value
    return mask


def write_bhsd(root: Path, volumes: int = 6, codes: str = "LPS") -> Path:
    """Write volumes whose number k is of the patient k // 2 and has the value k % 5 + 1 in the slice k % `DEPTH`."""
    for number in range(volumes):
        name = f"ID_{number // 2:08x}_ID_{number:010x}.nii.gz"
        write_nifti(root / "images" / name, numbered_ct(DEPTH, number), codes)
        write_nifti(root / "ground truths" / name, square_mask(number % 5 + 1, number % DEPTH), codes)
    return root


def write_instance(root: Path, volumes: int = 4) -> Path:
    """Write volumes of which every second has a bleed of unknown kind in its second slice."""
    for number in range(1, volumes + 1):
        write_nifti(root / "data" / f"{number:03d}.nii.gz", numbered_ct(DEPTH, number))
        write_nifti(root / "label" / f"{number:03d}.nii.gz", square_mask(number % 2, 1))
    return root
