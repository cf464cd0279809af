"""What makes an image the same as another, or nearly so."""

import base64
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bundle.intensity import INTENSITY, Intensity

SIDE = 16
"""Pixels of a thumbnail's side."""

BRAIN_WINDOW = (0.0, 80.0)
"""HU between which CT is compared; without it, air and bone would make all slices alike."""


class Fingerprint(NamedTuple):
    """Digest and thumbnail of an image."""

    digest: str
    """Hash of the decoded pixels and the shape: equal for identical images, whatever their files' compression."""
    thumbnail: NDArray[np.int8]
    """Flat [256], of mean 0 and greatest magnitude 127, so that two of them have the cosine that is their correlation;
    zeros for an image without content. A perceptual hash of 256 bytes."""


def read_fingerprints(file: Path) -> list[list[str]]:
    """Read an image and return `pack` of the fingerprint of each slice, one of them unless it is a volume.

    Raises:
        InputError: when the file cannot be read.
    """
    from bundle.readers import HeadImageReader  # imports MONAI, which what reads no pixels need not wait for

    reader = HeadImageReader()
    image, meta = reader.get_data(reader.read(file))
    intensity = Intensity(meta[INTENSITY])
    slices = [image] if image.ndim == 2 else np.moveaxis(image, -1, 0)
    return [pack(make_fingerprint(np.ascontiguousarray(each), intensity)) for each in slices]


def make_fingerprint(image: NDArray[np.float32], intensity: Intensity) -> Fingerprint:
    """Return the fingerprint of an image [H, W] in HU or any other unit.

    Example:
        >>> head = np.random.default_rng(0).normal(35, 10, (64, 64)).astype(np.float32)
        >>> one, other = make_fingerprint(head, Intensity.HU), make_fingerprint(head + 0.1, Intensity.HU)
        >>> one.digest == other.digest, bool(np.corrcoef(one.thumbnail, other.thumbnail)[0, 1] > 0.99)
        (False, True)
    """
    digest = hashlib.blake2b(repr(image.shape).encode(), digest_size=16)
    digest.update(image.tobytes())
    if intensity == Intensity.HU:
        image = image.clip(*BRAIN_WINDOW)
    small = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(small, dtype=np.float32).ravel()
    values = values - values.mean()
    greatest = np.abs(values).max()
    # The mean of a constant image is off by rounding, which would be its whole content.
    thumbnail = values * (127 / greatest) if greatest > 1e-3 else np.zeros_like(values)
    return Fingerprint(digest.hexdigest(), np.rint(thumbnail).astype(np.int8))


def pack(fingerprint: Fingerprint) -> list[str]:
    """Return a fingerprint as two texts, as JSON holds it."""
    return [fingerprint.digest, base64.b64encode(fingerprint.thumbnail.tobytes()).decode()]


def unpack(packed: list[str]) -> Fingerprint:
    """Return the fingerprint that `pack` was given.

    Example:
        >>> fingerprint = make_fingerprint(np.eye(16, dtype=np.float32), Intensity.DISPLAY)
        >>> unpack(pack(fingerprint)).digest == fingerprint.digest
        True
    """
    digest, thumbnail = packed
    return Fingerprint(digest, np.frombuffer(base64.b64decode(thumbnail), dtype=np.int8))
