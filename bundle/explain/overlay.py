"""A slice with its heat map, as a radiologist would look at it."""

import matplotlib
import numpy as np
import torch
from monai.data import MetaTensor

from bundle.intensity import INTENSITY, Intensity
from bundle.transforms.window import DEFAULT_WINDOWS, normalise, window_hu


def display_grey(image: MetaTensor) -> np.ndarray:
    """Return a slice [H, W] as it is shown on a screen, float32 in [0, 1]: CT in the brain window."""
    plain = torch.as_tensor(image.as_tensor(), dtype=torch.float32)
    intensity = Intensity(image.meta[INTENSITY])
    shown = window_hu(plain, *DEFAULT_WINDOWS[0]) if intensity == Intensity.HU else normalise(plain, intensity)
    return shown.numpy(force=True)


def overlay(grey: np.ndarray, heat: np.ndarray, opacity: float = 0.5) -> np.ndarray:
    """Blend a heat map over a slice; where there is no evidence the slice stays as it is.

    Args:
        grey: [H, W] in [0, 1].
        heat: [H, W] in [0, 1], in the same geometry.
        opacity: share of the colour where the heat is 1.

    Returns:
        [H, W, 3] uint8.
    """
    colour = matplotlib.colormaps["inferno"](heat)[..., :3]
    share = (opacity * heat)[..., None]
    blended = grey[..., None] * (1 - share) + colour * share
    return (blended * 255).round().astype(np.uint8)
