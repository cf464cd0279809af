"""A slice with its heat map, as a radiologist would look at it."""

import numpy as np
import torch
from monai.data import MetaTensor
from monai.visualize.utils import blend_images

from bundle.display import BRAIN, HEAT_COLOURS, HEAT_OPACITY
from bundle.intensity import INTENSITY, Intensity
from bundle.transforms.window import normalise, window_hu


def display_grey(image: MetaTensor) -> np.ndarray:
    """Return a slice [H, W] as it is shown on a screen, float32 in [0, 1]: CT in the brain window."""
    plain = torch.as_tensor(image.as_tensor(), dtype=torch.float32)
    intensity = Intensity(image.meta[INTENSITY])
    shown = window_hu(plain, BRAIN.level, BRAIN.width) if intensity == Intensity.HU else normalise(plain, intensity)
    return shown.numpy(force=True)


def overlay(grey: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Blend a heat map over a slice; where there is no evidence the slice stays as it is.

    Args:
        grey: [H, W] in [0, 1].
        heat: [H, W] in [0, 1], in the same geometry.

    Returns:
        [H, W, 3] uint8.
    """
    # MONAI gives the colours the type of the heat, and Matplotlib has them in double precision.
    precise = heat.astype(np.float64)
    blended = blend_images(
        grey[None], precise[None], alpha=HEAT_OPACITY * heat[None], cmap=HEAT_COLOURS, rescale_arrays=False
    )
    return (np.moveaxis(np.asarray(blended), 0, -1) * 255).round().astype(np.uint8)
