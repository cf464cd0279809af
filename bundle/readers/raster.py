"""PNG and JPEG → grey values."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import ExifTags, Image

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.readers.geometry import slice_affine
from bundle.readers.limits import check_pixels
from bundle.readers.meta import image_meta

_GREY = ("1", "L", "LA", "La")
_PNG, _DEPTH = b"\x89PNG\r\n\x1a\n", 24
"""First bytes of a PNG, and the place of its bits a channel."""
_COLOUR = 32
"""Levels between the channels of a pixel that is in colour, more than the losses of a JPEG make in greys."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each Orientation but 1 (Exif 2.32, tag 0112)."""


def read_raster(path: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """Return a PNG or JPEG, [H, W] float32, and its meta.

    Images of up to 8 bits a channel, of any colour mode, are `Intensity.DISPLAY` in [0, 255]; colours become their
    luminance (ITU-R BT.601) and transparency is ignored. Images of more bits are `Intensity.ARBITRARY`; grey ones keep
    their values, of others Pillow reads the upper 8 bits. The orientation in EXIF is applied; where it cannot be read,
    the picture stays as stored, as viewers show it. The affine is that of an axial slice of 1 mm pixels.

    Raises:
        InputError: when the file cannot be decoded.
    """
    with _open(path) as opened:
        image = _upright(opened)
        intensity = _intensity(image, path)
        if not _is_deep(image):
            if image.mode == "P":  # straight to grey, Pillow warns about transparency in a palette
                image = image.convert("RGBA")
            image = image.convert("L")
        array = np.asarray(image).astype(np.float32)
    return array, image_meta(array, slice_affine(), intensity, "")


def read_raster_mask(path: Path) -> np.ndarray:
    """Return the values of a mask, [H, W] float32: as `read_raster`, but of a palette of colours the indices.

    The luminance of such a colour says nothing: programs choose the colours for the eye, and mean the index.

    Raises:
        InputError: as `read_raster`.
    """
    with _open(path) as opened:
        if opened.mode == "P":
            palette = np.reshape(opened.getpalette() or [], (-1, 3))
            if (palette != palette[:, :1]).any():
                return np.asarray(_upright(opened)).astype(np.float32)
    return read_raster(path)[0]


class Picture(NamedTuple):
    """What a PNG or JPEG says of itself before it is decoded."""

    intensity: Intensity
    pixels: int
    has_alpha: bool
    has_colours: bool
    """Whether it is stored so that it can have some."""
    is_lossy: bool
    """Whether it is a JPEG."""


def check_raster(path: Path) -> Picture:
    """Return what a PNG or JPEG says of itself, after a check that it is whole in less time than reading it takes.

    The checksums of a PNG are compared; a JPEG, which has none, is decoded at an eighth of its size.

    Raises:
        InputError: when it is not.
    """
    with _open(path) as image:
        intensity = _intensity(image, path)
        picture = Picture(
            *(intensity, image.width * image.height, image.has_transparency_data),
            has_colours=image.mode not in _GREY and intensity is Intensity.DISPLAY,
            is_lossy=image.format == "JPEG",
        )
        if image.format == "PNG":
            image.verify()
        else:
            image.draft(None, (1, 1))
            image.load()
    return picture


def colour_share(path: Path) -> float:
    """Return which share of the pixels of a picture of up to 8 bits a channel is in colour, in [0, 1].

    Raises:
        InputError: when the file cannot be decoded.
    """
    with _open(path) as image:
        channels = np.asarray(image.convert("RGBA"))[..., :3]  # straight to RGB, Pillow warns about transparency
    return float(np.mean(np.ptp(channels, axis=-1) > _COLOUR))


def read_alpha(path: Path) -> np.ndarray:
    """Return how opaque each pixel of a picture is, [H, W] uint8.

    Raises:
        InputError: when the file cannot be decoded.
    """
    with _open(path) as image:
        return np.asarray(image.convert("RGBA").getchannel("A"))


def _upright(image: Image.Image) -> Image.Image:
    """Return a picture as its EXIF says that it is shown.

    `PIL.ImageOps.exif_transpose` also writes the EXIF anew, which fails in any way where a camera filled it carelessly.
    """
    image.load()
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # nor is damaged EXIF any reason to refuse sound pixels
        return image
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _intensity(image: Image.Image, path: Path) -> Intensity:
    return Intensity.ARBITRARY if _is_deep(image) or _has_deep_channels(path) else Intensity.DISPLAY


def _is_deep(image: Image.Image) -> bool:
    return image.mode.startswith(("I", "F"))


def _has_deep_channels(path: Path) -> bool:
    """Return whether a file is a PNG of 16 bits a channel, of which Pillow says nothing where there are several."""
    with path.open("rb") as file:
        start = file.read(_DEPTH + 1)
    return start.startswith(_PNG) and start[-1] == 16


@contextmanager
def _open(path: Path) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            # Pillow's own limit warns first; ours refuses before anything is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(path, formats=("PNG", "JPEG"))
        with opened as image:
            check_pixels(math.prod(image.size), path)
            yield image
    except (InputError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0)
        raise InputError(f"has more than {most:,} pixels, which Pillow does not read", "leave it out", path) from error
    except Exception as error:  # a damaged file makes Pillow's parsers fail in any way
        raise InputError("is not a readable PNG or JPEG image", "copy or export it again", path) from error
