"""MR scanners: coil shading and noise."""

import numpy as np
from scipy import ndimage

from bundle.phantom.geometry import Geometry


def acquire_mr(rng: np.random.Generator, planes: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the image of a head in arbitrary units, [D, H, W] float32, at least 0.

    The signal is multiplied by a smooth coil profile, and noise is Rician (Gudbjartsson and Patz 1995,
    https://doi.org/10.1002/mrm.1910340618).

    Args:
        rng: source of chance.
        planes: the signal of the head, [D, H, W] float32 in [0, 1]; changed in place.
        geometry: of the scan.
    """
    scale, noise = rng.uniform(300, 1600), rng.uniform(0.012, 0.035)
    slopes = rng.uniform(-0.25, 0.25, 5)
    line = np.linspace(-1, 1, geometry.size, dtype=np.float32)
    x, y = line[None, :], line[:, None]
    for image, height in zip(planes, geometry.heights, strict=True):
        shading = np.exp(slopes[0] * x + slopes[1] * y + slopes[2] * (x * x + y * y) + slopes[3] * height / 80)
        signal = ndimage.gaussian_filter(image, 0.55 / geometry.pixel, truncate=3) * shading.astype(np.float32)
        real, imaginary = rng.standard_normal((2, *image.shape), dtype=np.float32) * np.float32(noise)
        image[:] = scale * np.hypot(signal + real, imaginary)
    return planes
