"""Smooth random fields: the folds of the cortex, the edge of a bleed, the texture of bone."""

import numpy as np
from scipy import fft

from bundle.phantom.points import Points

_SIZE, _WAVES = 64, 8  # a power of two, so that the period is a bit mask


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
        # One more in each direction: then the eight corners of a cell are at fixed steps from the first.
        self._field = np.pad((field / field.std()).astype(np.float32), (0, 1), mode="wrap").ravel()

    def __call__(self, points: Points, wavelength: float, offset: float = 0.0) -> np.ndarray:
        """Return the noise at `points`, [N] float32, by trilinear interpolation.

        Args:
            points: where.
            wavelength: distance of about two zero crossings, mm.
            offset: any number; another one gives another field.
        """
        # SciPy's map_coordinates does the same in four times the time.
        scale = np.float32(_SIZE / _WAVES / wavelength)
        first = np.zeros(points.x.shape, np.intp)
        shares = []
        for axis, step in zip((points.x, points.y, points.z), (1.0, 1.7, 2.3), strict=True):
            at = axis * scale
            at += np.float32(step * offset)
            floor = np.floor(at)
            shares.append(np.subtract(at, floor, out=at))
            first *= _SIZE + 1
            first += floor.astype(np.intp) & _SIZE - 1
        x, y, z = shares
        plane, row = (_SIZE + 1) ** 2, _SIZE + 1
        values = [
            _between(self._field[i + j :].take(first), self._field[i + j + 1 :].take(first), z)
            for i in (0, plane)
            for j in (0, row)
        ]
        return _between(_between(values[0], values[1], y), _between(values[2], values[3], y), x)


def _between(low: np.ndarray, high: np.ndarray, share: np.ndarray) -> np.ndarray:
    high -= low
    high *= share
    high += low
    return high
