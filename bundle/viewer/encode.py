"""Slices as small pictures that a browser shows: soft tissue and bone apart, the heat map as a layer over them.

A CT has more grey values than a picture of 8 bits. The soft image holds `SOFT_LEVELS` HU from `SOFT_LOWEST` on, one HU
a level and without loss, so that the windows of the brain are computed from it in the browser; the bone image is the
bone window itself.
"""

from base64 import b64encode
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from bundle.display import BONE, HEAT_OPACITY, DisplayWindow
from bundle.intensity import Intensity
from bundle.pictures import heat_colours
from bundle.preprocessing.window import normalise
from bundle.viewer.pictures import SlicePicture

SIDE = 256
"""Pixels of the longer side of a picture, at most."""
SOFT_LOWEST, SOFT_LEVELS = -50, 256
"""HU of the lowest level of the soft image, and its levels."""

_HEAT_SIDE = 64
_HEAT_LEVELS = 64
_BONE_QUALITY = 80


class EncodedSlice(NamedTuple):
    """The pictures of a slice, each as an address that holds it."""

    image: str
    """PNG: soft tissue of a CT, one HU a level, or the grey picture as it is."""
    bone: str | None
    """JPEG of the bone window; None where there is no HU."""
    heat: str | None
    """PNG with transparency, of the proportions of the image; None where there is no heat."""
    size: tuple[int, int]
    """Width and height of the image in square pixels."""


def encode_slice(picture: SlicePicture) -> EncodedSlice:
    """Return the pictures of a slice, in square pixels and of at most `SIDE` a side."""
    size = _size(picture)
    heat = None if picture.heat is None or not picture.heat.any() else _heat(picture.heat, size)
    if picture.intensity is not Intensity.HU:
        grey = normalise(picture.pixels, picture.intensity) * 255
        return EncodedSlice(_png(_resized(grey, size)), None, heat, size)
    hu = _resized(picture.pixels, size)
    bone = (hu - (BONE.level - BONE.width / 2)) * (255 / BONE.width)
    return EncodedSlice(_png(hu - SOFT_LOWEST), _uri(_bytes(bone), "jpeg", quality=_BONE_QUALITY), heat, size)


def window_filter(window: DisplayWindow) -> tuple[float, float]:
    """Return brightness and contrast, as CSS has them, that show the soft image in a window.

    Contrast is applied after brightness. A grey value v in [0, 1] of the soft image becomes ``slope * v + intercept``,
    which is ``contrast * (brightness * v - 0.5) + 0.5`` (https://www.w3.org/TR/filter-effects-1/).

    Example:
        >>> brightness, contrast = window_filter(DisplayWindow("brain", 40, 80))
        >>> [round(contrast * (brightness * (hu + 50) / 255 - 0.5) + 0.5, 3) for hu in (0, 40, 80)]
        [0.0, 0.5, 1.0]
    """
    slope = (SOFT_LEVELS - 1) / window.width
    intercept = (SOFT_LOWEST - (window.level - window.width / 2)) / window.width
    contrast = 1 - 2 * intercept
    return slope / contrast, contrast


def _size(picture: SlicePicture) -> tuple[int, int]:
    rows, columns = picture.pixels.shape
    row, column = picture.spacing or (1.0, 1.0)
    height, width = rows * row, columns * column
    pixel = max(min(row, column), max(height, width) / SIDE)
    return max(1, round(width / pixel)), max(1, round(height / pixel))


def _resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    image = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BOX))


def _heat(heat: np.ndarray, size: tuple[int, int]) -> str:
    # A browser fits each layer by its own proportions, so that they must be those of the image.
    scale = min(1.0, _HEAT_SIDE / max(size))
    width, height = (max(1, round(side * scale)) for side in size)
    small = _resized(heat, (width, height))
    image = Image.fromarray((small.clip(0, 1) * (_HEAT_LEVELS - 1)).round().astype(np.uint8), mode="P")
    colours, opacity = _heat_palette()
    image.putpalette(colours)
    return _uri(image, "png", transparency=opacity, optimize=True)


@cache
def _heat_palette() -> tuple[bytes, bytes]:
    heat = np.linspace(0, 1, _HEAT_LEVELS)
    colours = (heat_colours(heat) * 255).astype(np.uint8)
    return colours.tobytes(), (255 * HEAT_OPACITY * heat).round().astype(np.uint8).tobytes()


def _png(values: np.ndarray) -> str:
    return _uri(_bytes(values), "png")


def _bytes(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))


def _uri(image: Image.Image, kind: str, **options: Any) -> str:
    content = BytesIO()
    image.save(content, format=kind, **options)
    return f"data:image/{kind};base64,{b64encode(content.getvalue()).decode()}"
