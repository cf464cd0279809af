"""Resampling by Pillow, of which PyTorch's bilinear interpolation with ``antialias`` is the same filter."""

import numpy as np
from PIL import Image

from bundle.preprocessing.brain import INPUT_SIZE
from bundle.preprocessing.square import placed_in_square, square_around


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return an image [H, W], uint8 or float32, in another size; the bilinear filter grows with the reduction."""
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def shrink(grey: np.ndarray) -> np.ndarray:
    """Return a slice as the mask network sees it: padded with zeros to a square, [H, W] → [S, S] float32."""
    height, width = grey.shape
    side, place = max(height, width), square_around(height, width)
    if height != width:
        square = np.zeros((side, side), np.float32)
        square[place.rows, place.columns] = grey
        grey = square
    return resize(grey, INPUT_SIZE, INPUT_SIZE)


def enlarge(depth: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return which pixels of a slice lie inside its mask, bool [H, W], see `bundle.preprocessing.brain.depth_inside`.

    Args:
        depth: [S, S] float32.
        shape: H and W.
    """
    side, place = max(shape), square_around(*shape)
    return resize(depth, side, side)[place.rows, place.columns] > 0


def fit_square(image: np.ndarray, mask: np.ndarray | None, size: int) -> np.ndarray:
    """Return grey levels in a square, see `bundle.transforms.FitSquare`: [H, W] in [0, 1] → [size, size] uint8.

    Args:
        image: [H, W] float32 in [0, 1].
        mask: [H, W] bool, outside of which all is black; None for the whole image.
        size: side of the square.
    """
    height, width = image.shape
    place = placed_in_square(height, width, size)
    levels = np.rint(image * np.float32(255)).astype(np.uint8)
    if mask is not None:
        levels *= mask
    square = np.zeros((size, size), np.uint8)
    square[place.rows, place.columns] = resize(levels, place.height, place.width)
    return square
