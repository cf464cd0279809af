"""The box of a mask."""

import numpy as np


def mask_box(mask: np.ndarray, margin: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first row and the row after the last of a mask and a margin, within the image; likewise the columns.

    An empty mask leaves the whole image.

    Args:
        mask: [H, W], not 0 where it covers.
        margin: pixels around the box.

    Example:
        >>> mask = np.zeros((512, 512), bool)
        >>> mask[100:300, 150:400] = True
        >>> mask_box(mask, margin=8)
        ((92, 308), (142, 408))
    """
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return _span(rows, mask.shape[0], margin), _span(columns, mask.shape[1], margin)


def _span(inside: np.ndarray, length: int, margin: int) -> tuple[int, int]:
    if not len(inside):
        return 0, length
    return max(int(inside[0]) - margin, 0), min(int(inside[-1]) + 1 + margin, length)
