"""Smooth random fields: the folds of the cortex, the edge of a bleed, the texture of bone."""

import numpy as np
from scipy import fft, ndimage

from bundle.phantom.points import Points

_SIZE, _WAVES = 48, 6


class SmoothNoise:
    """Periodic Gaussian noise of one wavelength, mean 0 and variance 1, the same at a point each time it is asked.

    Args:
        rng: source of the noise.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        spectrum = fft.rfftn(rng.standard_normal((_SIZE,) * 3, dtype=np.float32))
        along = fft.fftfreq(_SIZE, 1 / _SIZE).astype(np.float32)
        last = fft.rfftfreq(_SIZE, 1 / _SIZE).astype(np.float32)
        waves = np.sqrt(along[:, None, None] ** 2 + along[:, None] ** 2 + last**2)
        # A narrow band, so that the field's zero crossings, the sulci, are about equally far apart.
        field = fft.irfftn(spectrum * np.exp(-(((waves - _WAVES) / 2) ** 2)), (_SIZE,) * 3)
        self._field = (field / field.std()).astype(np.float32)

    def __call__(self, points: Points, wavelength: float, offset: float = 0.0) -> np.ndarray:
        """Return the noise at `points`, [N] float32.

        Args:
            points: where.
            wavelength: distance of about two zero crossings, mm.
            offset: any number; another one gives another field.
        """
        scale = _SIZE / _WAVES / wavelength
        where = [points.x * scale + offset, points.y * scale + 1.7 * offset, points.z * scale + 2.3 * offset]
        return ndimage.map_coordinates(self._field, where, order=1, mode="grid-wrap", prefilter=False)
