"""The contrast of a slice through an unknown window, and the slice as the brain window would show it.

A picture that was exported through a wide window, as 50/250, shows blood hardly brighter than brain, and a network that
has learnt the brain window misses it. A picture says nothing of its window; but brain has everywhere the same spread of
grey, texture and edges, so that these tell how wide the window was.
"""

import numpy as np
from scipy import ndimage

MEDIAN, SPREAD, TEXTURE, EDGES = 0.384, 0.0667, 0.0179, 0.0393
"""Of brain in the window 40/80, at 160 pixels: the medians of 155 slices of the RSNA challenge in HU. They are the
median, the median distance from it, the median distance from the mean of 3 × 3 pixels, and the median gradient."""
LOW = 0.7
"""Contrast below which a slice is stretched; half of the slices through 40/150 and nearly all through 50/250 lie below,
and one of seven through 40/80."""
MOST = 3.0
"""No slice is stretched by more."""
_DARK, _BRIGHT = 0.02, 0.98
_EDGE = 1 / 16
_FEWEST, _FEWEST_PIXELS = 0.016, 64
"""Share of the image, and number of pixels, that must be inside a brain; fewer say nothing of the contrast."""


def contrasts(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the contrast of slices against that of the brain window, and their median grey, both [N].

    Args:
        images: [N, S, S] float32 in [0, 1], 0 outside of the brain.

    Returns:
        Float32, NaN where too little of the brain is seen.
    """
    side = images.shape[-1]
    margin = int(side * _EDGE) + 1
    inside = ndimage.uniform_filter((images > 0).astype(np.float32), (0, margin, margin)) > 0.999
    brain = inside & (images > _DARK) & (images < _BRIGHT)
    texture = np.abs(images - ndimage.uniform_filter(images, (0, 3, 3)))
    edges = np.hypot(*np.gradient(images, axis=(1, 2)))
    contrast, median = (np.full(len(images), np.nan, dtype=np.float32) for _ in range(2))
    for index, pixels in enumerate(brain):
        if pixels.sum() < max(_FEWEST * side * side, _FEWEST_PIXELS):
            continue
        grey = images[index][pixels]
        median[index] = np.median(grey)
        found = (np.abs(grey - median[index]), texture[index][pixels], edges[index][pixels])
        ratios = [np.median(each) / usual for each, usual in zip(found, (SPREAD, TEXTURE, EDGES), strict=True)]
        contrast[index] = np.prod(ratios) ** (1 / len(ratios))
    return contrast, median


def with_contrast(images: np.ndarray) -> np.ndarray:
    """Return slices of low contrast with that of the brain window, and the others as they are.

    Images whose channels differ were windowed here, and keep their windows.

    Args:
        images: [N, C, S, S] float32 in [0, 1], 0 outside of the brain.
    """
    alike = (images == images[:, :1]).all((1, 2, 3))
    contrast, median = contrasts(images[:, 0])
    low = alike & (contrast < LOW)
    if not low.any():
        return images
    result = images.copy()
    factor = np.minimum(1 / np.maximum(contrast[low], 1e-6), MOST)[:, None, None, None]
    stretched = (images[low] - median[low][:, None, None, None]) * factor + np.float32(MEDIAN)
    result[low] = np.clip(stretched, 1 / 255, 1) * (images[low] > 0)
    return result
