"""What makes an image the same as another, or nearly so."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bundle.errors import InputError
from bundle.intensity import INTENSITY, Intensity
from bundle.readers import HeadImageReader

SIDE = 16
"""Pixels of a thumbnail's side."""

BRAIN_WINDOW = (0.0, 80.0)
"""HU between which CT is compared; without it, air and bone would make all slices alike."""


class Fingerprint(NamedTuple):
    """Digest and thumbnail of an image."""

    digest: str
    """Hash of the decoded pixels and the shape: equal for identical images, whatever their files' compression."""
    thumbnail: NDArray[np.float32]
    """Flat [256], of mean 0 and length 1, so that the product of two is their correlation; zeros for an image without
    content."""


def read_fingerprint(file: Path) -> Fingerprint:
    """Read one slice and return its fingerprint.

    Raises:
        InputError: when the file cannot be read, or is a volume.
    """
    reader = HeadImageReader()
    image, meta = reader.get_data(reader.read(file))
    if image.ndim != 2:
        raise InputError(f"{file} holds a volume of shape {image.shape}; give slices, or name each row's patient")
    return make_fingerprint(image, Intensity(meta[INTENSITY]))


def make_fingerprint(image: NDArray[np.float32], intensity: Intensity) -> Fingerprint:
    """Return the fingerprint of an image [H, W] in HU or any other unit."""
    digest = hashlib.blake2b(repr(image.shape).encode(), digest_size=16)
    digest.update(image.tobytes())
    if intensity == Intensity.HU:
        image = image.clip(*BRAIN_WINDOW)
    small = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(small, dtype=np.float32).ravel()
    values = values - values.mean()
    length = np.linalg.norm(values)
    # The mean of a constant image is off by rounding, which would be its whole content.
    return Fingerprint(digest.hexdigest(), values / length if length > 1e-3 else np.zeros_like(values))
