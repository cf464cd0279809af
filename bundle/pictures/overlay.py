"""A slice with its heat map, as a radiologist would look at it."""

import numpy as np

from bundle.display import BRAIN, HEAT_OPACITY
from bundle.intensity import Intensity
from bundle.pictures.colours import heat_colours
from bundle.preprocessing import normalise, window_hu


def display_grey(pixels: np.ndarray, intensity: Intensity) -> np.ndarray:
    """Return a slice [H, W] as it is shown on a screen, float32 in [0, 1]: CT in the brain window."""
    plain = pixels.astype(np.float32)
    if intensity is Intensity.HU:
        return window_hu(plain, BRAIN.level, BRAIN.width)
    return normalise(plain, intensity)


def overlay(grey: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Blend a heat map over a slice, as MONAI's `blend_images`; where there is no heat the slice stays as it is.

    Args:
        grey: [H, W] in [0, 1].
        heat: [H, W] in [0, 1], in the same geometry.

    Returns:
        [H, W, 3] uint8.
    """
    share = HEAT_OPACITY * heat[..., None]
    blended = (1 - share) * grey[..., None] + share * heat_colours(heat)
    return (blended * 255).round().astype(np.uint8)
