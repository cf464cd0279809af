"""The meta that every reader hands out with its array."""

from typing import Any

import numpy as np
from monai.utils import MetaKeys

from bundle.intensity import INTENSITY, Intensity


def image_meta(array: np.ndarray, affine: np.ndarray, intensity: Intensity, modality: str) -> dict[str, Any]:
    """Return a new meta dict: affine (RAS mm), spatial shape, no channel, intensity and modality ("CT", "MR", "")."""
    return {
        MetaKeys.AFFINE.value: affine.copy(),
        MetaKeys.SPATIAL_SHAPE.value: np.asarray(array.shape),
        MetaKeys.ORIGINAL_CHANNEL_DIM.value: "no_channel",
        MetaKeys.SPACE.value: "RAS",
        INTENSITY: intensity.value,
        "modality": modality,
    }
