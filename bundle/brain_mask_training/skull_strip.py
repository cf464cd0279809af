"""Brain mask of a CT slice by classical image processing: the teacher of the mask network.

The brain is the soft tissue that bone surrounds. Tissue is cut loose from what it touches by an erosion, and a part is
kept when bone stands in nearly every direction around it and along nearly all of its border; this tells the
intracranial space from orbits, muscles and the nasopharynx. One slice at the skull base can still deceive; a whole
stack, in which the brain must go on from slice to slice, seldom does.
"""

from collections.abc import Sequence

import numpy as np
from monai.data import MetaTensor
from scipy import ndimage
from skimage.measure import label, regionprops
from skimage.morphology import disk
from skimage.transform import resize, rotate

from bundle.intensity import INTENSITY, Intensity
from bundle.preprocessing import normalise, window_hu

_SIZE = 256
"""Side of the square that the slice is worked on in; a field of view of 250 mm gives pixels of 1 mm."""
_RAY_SIZE = 96
_ERODE = 3
_LEVEL, _WIDTH = 40.0, 160.0
_BONE = {Intensity.HU: 0.96, Intensity.DISPLAY: 0.94}
_FLUID = {Intensity.HU: 0.20, Intensity.DISPLAY: 0.03}
_MIN_AREA, _SMALL_AREA = 40, 5000
_MIN_ENCLOSURE, _MIN_CONTACT, _MIN_SOLIDITY = 0.97, 0.72, 0.6
_MAX_CONTRAST = {Intensity.HU: 0.09, Intensity.DISPLAY: 0.14}
_MIN_SKULL = 150
_MIN_OF_HEAD = 0.05


def skull_strip(image: MetaTensor) -> np.ndarray:
    """Return the intracranial space of an axial CT slice.

    Args:
        image: [1, H, W] in HU, or in grey levels of a brain window in which bone is white.

    Returns:
        [H, W] bool: brain with its ventricles and sulci; all False where the slice shows none (vertex, face, neck).

    Raises:
        ValueError: when the image's intensity is `Intensity.ARBITRARY`: bone is found by its brightness.
    """
    intensity = Intensity(image.meta[INTENSITY])
    if intensity == Intensity.ARBITRARY:
        raise ValueError("skull stripping needs a CT image, in HU or windowed, but the image's intensity is arbitrary")
    plain = image.as_tensor().float()
    grey = window_hu(plain, _LEVEL, _WIDTH) if intensity == Intensity.HU else normalise(plain, intensity)
    square, inner = _to_square(grey[0].numpy(force=True))
    bone = square > _BONE[intensity]
    smooth = ndimage.gaussian_filter(square, 1)
    soft = (smooth > _FLUID[intensity]) & ~bone
    brain = _tidy(_enclosed_parts(soft, bone, smooth, _MAX_CONTRAST[intensity]), bone)
    if brain.sum() < _MIN_OF_HEAD * (smooth > 0.05).sum():
        brain[:] = False
    side = max(grey.shape)
    full = resize(brain.astype(np.float32), (side, side), order=1)
    return (ndimage.gaussian_filter(full, side / _SIZE) > 0.5)[inner]


def keep_continuous(masks: Sequence[np.ndarray], reach: int = 8) -> list[np.ndarray]:
    """Drop what does not go on from slice to slice of a stack.

    From the slice with the largest mask outward in both directions, a part of a mask stays when most of it lies within
    `reach` pixels of the mask of one of the two slices before; beyond two slices without brain there is none.

    Args:
        masks: [H, W] bool of every slice, in anatomical order.
        reach: pixels by which the brain may grow from one slice to the next.
    """
    result = [mask.copy() for mask in masks]
    middle = int(np.argmax([mask.sum() for mask in masks]))
    for step, end in ((1, len(masks)), (-1, -1)):
        for index in range(middle + step, end, step):
            before = result[index - step] | result[index - 2 * step if index != middle + step else middle]
            near = ndimage.binary_dilation(before, iterations=reach)
            parts, count = ndimage.label(result[index])
            share = ndimage.mean(near, parts, np.arange(1, count + 1)) if count else []
            result[index] = np.isin(parts, 1 + np.flatnonzero(np.asarray(share) > 0.5))
    return result


def _to_square(grey: np.ndarray) -> tuple[np.ndarray, tuple[slice, slice]]:
    side = max(grey.shape)
    before = [(side - length) // 2 for length in grey.shape]
    padding = [(first, side - length - first) for first, length in zip(before, grey.shape, strict=True)]
    inner = tuple(slice(first, first + length) for first, length in zip(before, grey.shape, strict=True))
    square = resize(np.pad(grey, padding), (_SIZE, _SIZE), order=1, anti_aliasing=True)
    return square, (inner[0], inner[1])


def _enclosure(bone: np.ndarray, lines: int = 8) -> np.ndarray:
    """Return, for each pixel, the share of directions in which bone is met."""
    small = resize(bone.astype(np.float32), (_RAY_SIZE, _RAY_SIZE), order=1, anti_aliasing=True) > 0.25
    met = np.zeros(small.shape, np.float32)
    for angle in np.arange(lines) * 180 / lines:
        turned = rotate(small.astype(np.float32), angle, order=0) > 0.5
        above = np.maximum.accumulate(turned, axis=0)
        below = np.maximum.accumulate(turned[::-1], axis=0)[::-1]
        met += rotate(above.astype(np.float32) + below, -angle, order=1)
    return resize(met / (2 * lines), bone.shape, order=1)


def _enclosed_parts(soft: np.ndarray, bone: np.ndarray, smooth: np.ndarray, max_contrast: float) -> np.ndarray:
    """Return the parts of `soft` that bone surrounds; small ones must be as even as brain, and as bright as the rest.

    Muscles between the jaw and the skull base are surrounded too, but are streaked with fat.
    """
    enclosure = _enclosure(bone)
    parts = label(ndimage.binary_erosion(soft, disk(_ERODE)))
    kept: list[tuple[float, np.ndarray]] = []
    for region in sorted(regionprops(parts), key=lambda region: -region.area):
        part = parts == region.label
        if region.area < _MIN_AREA or region.solidity < _MIN_SOLIDITY or np.median(enclosure[part]) < _MIN_ENCLOSURE:
            continue
        brightness = float(np.median(smooth[part]))
        if region.area < _SMALL_AREA and smooth[part].std() > max_contrast:
            continue
        if kept and abs(brightness - kept[0][0]) > max_contrast:
            continue
        filled = ndimage.binary_fill_holes(ndimage.binary_dilation(part, disk(_ERODE + 2)) & soft)
        ring = ndimage.binary_dilation(filled, disk(3)) & ~ndimage.binary_dilation(filled, disk(1))
        if bone[ring].mean() > _MIN_CONTACT:
            kept.append((brightness, filled))
    return np.logical_or.reduce([part for _, part in kept], axis=0) if kept else np.zeros_like(soft)


def _tidy(brain: np.ndarray, bone: np.ndarray) -> np.ndarray:
    """Close sulci and holes, and give back to the skull what the closing took; small bright spots are no skull."""
    margin = 8
    closed = ndimage.binary_closing(np.pad(brain, margin), disk(5))[margin:-margin, margin:-margin]
    parts = label(bone)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    skull = (sizes > _MIN_SKULL)[parts]
    return ndimage.binary_fill_holes(ndimage.binary_opening(ndimage.binary_fill_holes(closed) & ~skull, disk(2)))
