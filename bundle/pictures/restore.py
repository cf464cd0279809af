"""From the network's square back to the slice as it was read."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import zoom


def restore(heat: np.ndarray, box_start: Sequence[int], box_end: Sequence[int], shape: Sequence[int]) -> np.ndarray:
    """Undo crop, resize of the longer side, and padding to a square, for a map over the network's input.

    Args:
        heat: [S, S] map over the network's input.
        box_start: first row and column of the crop in the original slice (see `bundle.transforms.CropToMaskd`).
        box_end: row and column after the last one of the crop.
        shape: rows and columns of the original slice.

    Returns:
        [H, W] float32, zero outside the crop.
    """
    size = heat.shape[0]
    height, width = (int(end) - int(start) for start, end in zip(box_start, box_end, strict=True))
    scale = size / max(height, width)
    inner = [round(height * scale), round(width * scale)]
    first = [(size - length) // 2 for length in inner]
    unpadded = heat[first[0] : first[0] + inner[0], first[1] : first[1] + inner[1]]
    full = np.zeros(tuple(int(length) for length in shape), dtype=np.float32)
    rows, columns = (slice(int(start), int(end)) for start, end in zip(box_start, box_end, strict=True))
    factors = height / inner[0], width / inner[1]
    full[rows, columns] = zoom(unpadded, factors, order=1, mode="nearest", grid_mode=True)
    return full
