"""How large an image may be before it is decoded: a file of a few kilobytes can unpack to many gigabytes."""

import os
from pathlib import Path

from bundle.errors import InputError

VARIABLE = "HEAD_IMAGE_MAX_PIXELS"
"""Environment variable that raises (or lowers) the limit, for every command and all of its processes."""

MAX_PIXELS = 4096 * 4096
"""Pixels of a slice, at most; no head CT reaches them."""

SLICES = 32
"""A volume may have as many voxels as this number of the largest slices: 600 slices of 512 × 512 are a third of it."""

BYTES = 16
"""Bytes a pixel that a compressed file may unpack to."""


def max_pixels() -> int:
    """Return the limit of a slice.

    Raises:
        InputError: when `VARIABLE` is no whole number above 0.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return MAX_PIXELS
    if not text.isdecimal() or int(text) == 0:
        raise InputError(f"the environment variable {VARIABLE} is {text!r}", "set it to a whole number of pixels")
    return int(text)


def check_pixels(count: int, path: Path) -> None:
    """Check that a slice is not larger than any head CT.

    Raises:
        InputError: when it is.
    """
    if count > (limit := max_pixels()):
        raise InputError(f"has {count:,} pixels, more than {limit:,}", _remedy(count), path)


def check_voxels(count: int, path: Path) -> None:
    """Check that a volume is not larger than any head CT.

    Raises:
        InputError: when it is.
    """
    if count > (limit := max_pixels() * SLICES):
        raise InputError(f"has {count:,} voxels, more than {limit:,}", _remedy(-(-count // SLICES)), path)


def max_bytes() -> int:
    """Return how many bytes a compressed file may unpack to."""
    return max_pixels() * BYTES


def _remedy(pixels: int) -> str:
    return f"leave it out, or set {VARIABLE}={pixels} where it is right"
