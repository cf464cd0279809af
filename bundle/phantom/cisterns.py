"""Sylvian fissures and basal cisterns: the wide parts of the subarachnoid space."""

import numpy as np

from bundle.phantom.membranes import tentorium_extent, tentorium_height
from bundle.phantom.noise import SmoothNoise
from bundle.phantom.points import Points
from bundle.phantom.shapes import ellipsoid, tube


def sylvian_fissures(source: Points, extra: np.ndarray, noise: SmoothNoise) -> np.ndarray:
    """Return the distance to the Sylvian fissures, [N].

    Args:
        source: where, in a head without mass effect.
        extra: by how much they are wider than in the young, [N] in mm.
        noise: the patient's random field.
    """
    pairs = source.mirrored()
    x, y, z = pairs.x, pairs.y, pairs.z
    wave = 2 * noise(source, 27, 16)
    sheet = np.abs(x - 38 - 0.004 * (y + 14) ** 2 + wave) - 0.9 - extra
    insula = np.maximum(sheet, ellipsoid(pairs, (38, -14, -1), (6, 24, 17)))
    rising = np.abs(z + 3 - 0.3 * (y + 14) + 0.1 * (x - 38) + wave) * 0.93 - 1.2 - extra
    operculum = np.maximum(rising, np.maximum(38 - x, np.abs(y + 12) - 30))
    vallecula = tube(pairs, [(9, -14, -20, 2), (24, -19, -17, 2), (38, -22, -8, 1.2)]) - extra
    return np.minimum(np.minimum(insula, operculum), vallecula)


def basal_cisterns(source: Points, extra: np.ndarray, noise: SmoothNoise) -> np.ndarray:
    """Return the distance to the basal cisterns, [N]; arguments as of `sylvian_fissures`."""
    x, y, z = np.abs(source.x), source.y, source.z
    turn = np.arctan2(x, y + 13)
    pentagon = np.hypot(x, y + 13) - 10.5 - 3.5 * np.cos(5 * turn) - extra
    suprasellar = np.maximum(pentagon, np.abs(z + 20) - 6)
    # Midbrain and pons stand in a ring of fluid.
    stem = np.hypot(x / 1.25, y - 7 - 0.12 * (z + 12)) - 13 - 0.08 * np.minimum(0, z + 14)
    stem += 1.2 * np.cos(4 * turn) + 1.5 * noise(source, 20, 15)
    ring = np.maximum(np.abs(stem - 1.8) - 0.7 - extra, np.abs(z + 27) - 18)
    ring = np.maximum(ring, np.where(z < -26, y - 12, -99))
    quadrigeminal = ellipsoid(source, (0, 22, -5), (12, 4, 7)) - extra
    cerebellar = np.maximum(np.abs(z - tentorium_height(source)) - 1.4 - extra, tentorium_extent(source))
    magna = ellipsoid(source, (0, 82, -50), (6, 6, 10)) - extra
    return np.minimum.reduce([suprasellar, ring, quadrigeminal, cerebellar, magna])
