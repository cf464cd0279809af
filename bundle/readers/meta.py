"""The meta that every reader hands out with its array."""

from typing import Any

import numpy as np

from bundle.intensity import INTENSITY, Intensity


def image_meta(array: np.ndarray, affine: np.ndarray, intensity: Intensity, modality: str) -> dict[str, Any]:
    """Return a new meta dict: affine (RAS mm), spatial shape, no channel, intensity and modality ("CT", "MR", "").

    The keys are those of `monai.utils.MetaKeys`, written out because importing MONAI takes seconds.
    """
    return {
        "affine": affine.copy(),
        "spatial_shape": np.asarray(array.shape),
        "original_channel_dim": "no_channel",
        "space": "RAS",
        INTENSITY: intensity.value,
        "modality": modality,
    }
