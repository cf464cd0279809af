"""Grey levels: CT through windows, everything else normalised; of NumPy's arrays and PyTorch's tensors alike."""

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from bundle.intensity import Intensity

if TYPE_CHECKING:
    import torch

Array = TypeVar("Array", np.ndarray, "torch.Tensor")

DEFAULT_WINDOWS = ((40.0, 80.0),) * 3
"""Windows of the shipped weights as (level, width) in HU: the brain window, three times."""


def window_hu(image: Array, level: Any, width: Any) -> Array:
    """Map HU to [0, 1]: ``(image - (level - width / 2)) / width``, clipped (DICOM PS3.3 C.11.2.1.2.1).

    Args:
        image: of any shape, floating point.
        level: in HU, a number or an array that broadcasts with the image.
        width: likewise, positive.

    Example:
        >>> window_hu(np.array([-10.0, 40.0, 90.0]), level=40, width=80)
        array([0. , 0.5, 1. ])
    """
    seen = image - (level - width / 2)
    seen /= width
    return seen.clip(0, 1)


def unwindow_hu(image: Array, level: Any, width: Any) -> Array:
    """Map [0, 1] back to HU, the inverse of `window_hu` up to what it clipped.

    Example:
        >>> unwindow_hu(np.array([0.0, 0.5, 1.0]), level=40, width=80)
        array([ 0., 40., 80.])
    """
    return image * width + (level - width / 2)


def normalise(image: Array, intensity: Intensity) -> Array:
    """Map an image without HU, on the CPU, to [0, 1].

    `Intensity.DISPLAY` is divided by 255. `Intensity.ARBITRARY` is stretched between the 0.5th and the 99.5th
    percentile of the pixels above the image's minimum, so that neither the empty background nor a few bright pixels
    decide the contrast. A constant image becomes zeros.

    Example:
        >>> normalise(np.array([0.0, 51.0, 255.0]), Intensity.DISPLAY)
        array([0. , 0.2, 1. ])
    """
    if intensity == Intensity.DISPLAY:
        return (image / 255).clip(0, 1)
    values = image[image > image.min()]
    if not len(values):
        return image * 0
    low, high = map(float, np.percentile(np.asarray(values), (0.5, 99.5)))
    return ((image - low) / max(high - low, 1e-6)).clip(0, 1)
