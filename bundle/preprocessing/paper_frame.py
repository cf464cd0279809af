"""The white paper around a picture from a journal or a slide."""

import numpy as np

from bundle.preprocessing.window import Array

WHITE = 0.92
"""Least grey level of paper; JPEG leaves it a little below 1."""
SHARE = 0.75
"""Least share of white in a row or column of paper; the rest may be writing."""


def blacken_paper_frame(image: Array) -> Array:
    """Return a slice of which the rows and columns of white paper around the picture are black.

    To a network that was trained on heads before black a white frame is bone, and the picture a brain. Only rows and
    columns that are white for the most part are taken, from the edges inwards: no skull is, however tight the picture.

    Args:
        image: [1, H, W] or [1, H, W, D] in [0, 1], on the CPU.

    Example:
        >>> page = np.ones((1, 6, 6))
        >>> page[:, 2:4, 1:5] = 0.4
        >>> int(np.count_nonzero(blacken_paper_frame(page)))
        8
    """
    height, width = image.shape[1:3]
    white = np.asarray(image).reshape(height, width, -1).min(-1) >= WHITE
    top, bottom = _paper_rows(white), _paper_rows(white[::-1])
    left, right = _paper_rows(white.T), _paper_rows(white.T[::-1])
    inside = (slice(None), slice(top, height - bottom), slice(left, width - right))
    result = image * 0
    result[inside] = image[inside]
    return result


def _paper_rows(white: np.ndarray) -> int:
    return int(np.cumprod(white.mean(1) >= SHARE).sum())
