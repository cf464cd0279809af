"""The contrast of a slice through an unknown window, and the slice as the brain window would show it.

A picture that was exported through a wide window, as 50/250, shows blood hardly brighter than brain, and a network that
has learnt the brain window misses it. A picture says nothing of its window; but brain has everywhere the same spread of
grey, texture and edges, so that these tell how wide the window was.
"""

import numpy as np
from scipy import ndimage

SIDE = 160
"""Pixels a side of the slices that are measured; texture and edges of others are others."""
MEDIAN, SPREAD, TEXTURE, EDGES = 0.384, 0.0667, 0.0179, 0.0393
"""Of brain in the window 40/80: the medians of 155 slices of the RSNA challenge in HU. They are the median, the median
distance from it, the median distance from the mean of 3 × 3 pixels, and the median gradient."""
LOW, LOWEST = (0.65, 0.75), (0.35, 0.45)
"""Contrasts of slices that are stretched when they are seen mirrored, and when they are seen at all: wholly below the
first, not above the second, and in between by a part, so that a level of grey more or less changes little. Half of the
slices through 40/150 and nearly all through 50/250 lie below the middle of the one, one of ten and two thirds below
that of the other; of those through 40/80 one of seven and none."""
MOST = 4.0
"""No slice is stretched by more."""
_DARK, _BRIGHT = 0.02, 0.98
_MARGIN = SIDE // 16 + 1
_FEWEST = 410
"""Pixels that must be inside a brain, by a margin; fewer say nothing of the contrast."""


def contrasts(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the contrast of slices against that of the brain window, and their median grey, both [N].

    Args:
        images: [N, 160, 160] float32 in [0, 1], 0 outside of the brain.

    Returns:
        Float32, NaN where too little of the brain is seen.

    >>> contrasts(np.zeros((1, 160, 160), dtype=np.float32))[0].tolist()
    [nan]
    """
    inside = ndimage.uniform_filter((images > 0).astype(np.float32), (0, _MARGIN, _MARGIN)) > 0.999
    brain = inside & (images > _DARK) & (images < _BRIGHT)
    texture = np.abs(images - ndimage.uniform_filter(images, (0, 3, 3)))
    edges = np.hypot(*np.gradient(images, axis=(1, 2)))
    contrast, median = (np.full(len(images), np.nan, dtype=np.float32) for _ in range(2))
    for index, pixels in enumerate(brain):
        if pixels.sum() < _FEWEST:
            continue
        grey = images[index][pixels]
        median[index] = np.median(grey)
        found = (np.abs(grey - median[index]), texture[index][pixels], edges[index][pixels])
        ratios = [np.median(each) / usual for each, usual in zip(found, (SPREAD, TEXTURE, EDGES), strict=True)]
        contrast[index] = np.prod(ratios) ** (1 / len(ratios))
    return contrast, median


def mirrored_looks(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what a network is to see of slices: each as it is, and mirrored, left for right.

    The mirror image of a slice of low contrast gets the contrast of the brain window, and where its contrast is lowest,
    so does the slice itself: what a wide window hides is then seen once, and what the stretch exaggerates counts half.
    Left as they are: slices whose channels differ, for these were windowed here; those in which little of the brain is
    seen; and those that are not of 160 pixels a side.

    Args:
        images: [N, C, S, S] float32 in [0, 1], 0 outside of the brain.

    >>> seen, mirrored = mirrored_looks(np.arange(4, dtype=np.float32).reshape(1, 1, 2, 2))
    >>> mirrored.tolist()
    [[[[1.0, 0.0], [3.0, 2.0]]]]
    """
    seen, mirrored = images, images[..., ::-1]
    if images.shape[-2:] == (SIDE, SIDE):
        contrast, median = contrasts(images[:, 0])
        contrast[~(images == images[:, :1]).all((1, 2, 3))] = np.nan
        mirrored = _stretched(images, contrast, median, LOW)[..., ::-1]
        seen = _stretched(images, contrast, median, LOWEST)
    return seen, mirrored


def _stretched(images: np.ndarray, contrast: np.ndarray, median: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    wholly, not_at_all = limits
    share = np.clip((not_at_all - contrast) / (not_at_all - wholly), 0, 1)
    low = share > 0
    if not low.any():
        return images
    plain, result = images[low], images.copy()
    factor = 1 / np.maximum(contrast, 1 / MOST)
    part, times, middle = (each[low][:, None, None, None] for each in (share, factor, median))
    stretched = np.clip((plain - middle) * times + np.float32(MEDIAN), 1 / 255, 1) * (plain > 0)
    result[low] = plain + part * (stretched - plain)
    return result
