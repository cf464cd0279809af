"""The white paper around a picture from a journal or a slide."""

import torch

WHITE = 0.92
"""Least grey level of paper; JPEG leaves it a little below 1."""
SHARE = 0.75
"""Least share of white in a row or column of paper; the rest may be writing."""


def blacken_paper_frame(image: torch.Tensor) -> torch.Tensor:
    """Return a slice of which the rows and columns of white paper around the picture are black.

    To a network that was trained on heads before black a white frame is bone, and the picture a brain. Only rows and
    columns that are white for the most part are taken, from the edges inwards: no skull is, however tight the picture.

    Args:
        image: [1, H, W] or [1, H, W, D] in [0, 1].

    Example:
        >>> page = torch.ones(1, 6, 6)
        >>> page[:, 2:4, 1:5] = 0.4
        >>> int(blacken_paper_frame(page).count_nonzero())
        8
    """
    height, width = image.shape[1:3]
    white = image.reshape(height, width, -1).amin(-1) >= WHITE
    top, bottom = _paper_rows(white), _paper_rows(white.flip(0))
    left, right = _paper_rows(white.T), _paper_rows(white.T.flip(0))
    inside = torch.zeros_like(image)
    inside[:, top : height - bottom, left : width - right] = 1
    return image * inside


def _paper_rows(white: torch.Tensor) -> int:
    return int((white.float().mean(1) >= SHARE).long().cumprod(0).sum())
