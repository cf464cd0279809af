"""CT scanners: blur, noise and artefacts on the way from the head to the image."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from bundle.phantom.geometry import Geometry


@dataclass(frozen=True)
class Scanner:
    """A make of scanner; the names are invented.

    Attributes:
        name: manufacturer.
        noise: lowest and highest standard deviation, HU at a pixel of 1 mm and slices of 5 mm.
        blur: standard deviation of the point spread function, mm.
        sharpening: how much of the blurred-away detail the kernel adds back.
        grain: correlation length of the noise, mm.
        offset: greatest error of the HU scale, HU.
        bits: BitsStored.
        signed: PixelRepresentation.
        intercept: RescaleIntercept.
        padding: stored value outside the circular field of view, None for air.
        padding_in_header: whether the header says so (PixelPaddingValue).
        windows: (WindowCenter, WindowWidth).
    """

    name: str
    noise: tuple[float, float]
    blur: float
    sharpening: float
    grain: float
    offset: float
    bits: int
    signed: bool
    intercept: int
    padding: int | None
    padding_in_header: bool
    windows: tuple[tuple[int, int], ...]


SCANNERS = (
    Scanner("PHANTOM ALPHA", (2.0, 3.5), 0.75, 0.0, 0.8, 2, 12, False, -1024, None, False, ((36, 80),)),
    Scanner("PHANTOM BETA", (2.5, 4.5), 0.6, 0.3, 0.6, 3, 16, True, 0, -2000, True, ((40, 80), (600, 2800))),
    Scanner("PHANTOM GAMMA", (2.2, 4.0), 0.65, 0.0, 0.7, 2, 16, True, -1024, -2000, False, ((30, 80),)),
    Scanner("PHANTOM DELTA", (3.5, 6.0), 0.5, 0.6, 0.45, 4, 12, False, -1024, None, False, ((40, 150),)),
)

_PETROUS = (46.0, 14.0, -36.0)


def acquire_ct(rng: np.random.Generator, planes: np.ndarray, geometry: Geometry, scanner: Scanner) -> np.ndarray:
    """Return the image of a head in HU, [D, H, W] float32, at least -1024.

    Args:
        rng: source of chance.
        planes: the head as it is in HU, [D, H, W] float32; changed in place.
        geometry: of the scan.
        scanner: with which it is scanned.
    """
    pixel = geometry.pixel
    noise, offset = rng.uniform(*scanner.noise), rng.uniform(-scanner.offset, scanner.offset)
    halo, streaks = rng.uniform(2, 11), rng.uniform(2, 9)
    # Fewer photons in smaller voxels; but nobody scans with so little dose that nothing is seen.
    noise *= min(np.sqrt(5 / geometry.thickness), 1.5) * min(pixel**-0.5, 1.4)
    table = draw_table(rng)
    for image, height in zip(planes, geometry.heights, strict=True):
        _paint_table(image, geometry, table)
        bone = (image > 250).astype(np.float32)
        dense = float(bone.mean())
        image += halo * ndimage.gaussian_filter(bone, 4.5 / pixel, truncate=2.5)
        _add_streaks(rng, image, geometry, height, streaks)
        _convolve(image, scanner, pixel)
        image += offset + noise * (1 + 2 * dense) * _grain(rng, image.shape, scanner.grain / pixel)
    return np.maximum(planes, -1024, out=planes)


def _convolve(image: np.ndarray, scanner: Scanner, pixel: float) -> None:
    image[:] = ndimage.gaussian_filter(image, scanner.blur / pixel, truncate=3)
    if scanner.sharpening:
        image += scanner.sharpening * (image - ndimage.gaussian_filter(image, 1.2 / pixel, truncate=3))


def _grain(rng: np.random.Generator, shape: tuple[int, ...], width: float) -> np.ndarray:
    white = ndimage.gaussian_filter(rng.standard_normal(shape, dtype=np.float32), width, truncate=3)
    return white / white.std()


def _add_streaks(
    rng: np.random.Generator, image: np.ndarray, geometry: Geometry, height: float, strength: float
) -> None:
    """Add streaks from the dense petrous bones and the dark bar between them (Hounsfield bar)."""
    ends = [geometry.locate((side * _PETROUS[0], *_PETROUS[1:])) for side in (1, -1)]
    profiles = rng.normal(0, 1, (2, 96)).astype(np.float32)
    strength *= float(np.exp(-(((height - ends[0][2]) / 9) ** 2)))
    if strength < 0.3:
        return
    line = ((np.arange(geometry.size) - (geometry.size - 1) / 2) * geometry.pixel).astype(np.float32)
    for (along, down, _), profile in zip(ends, profiles, strict=True):
        x, y = line[None, :] - along, line[:, None] - down
        angle = (np.arctan2(y, x) / (2 * np.pi) + 0.5) * len(profile)
        ray = np.interp(angle, np.arange(len(profile) + 1), np.append(profile, profile[0])).astype(np.float32)
        image += strength * ray * np.exp(-np.hypot(x, y) / 38)
    (left, left_down, _), (right, right_down, _) = ends
    slope = (left_down - right_down) / (left - right)
    middle, middle_down = (left + right) / 2, (left_down + right_down) / 2
    across = line[:, None] - middle_down - slope * (line[None, :] - middle)
    between = np.clip(1.3 - np.abs(line[None, :] - middle) / (0.5 * abs(left - right)), 0, 1)
    image -= 1.6 * strength * between * np.exp(-((across / 7) ** 2))


def draw_table(rng: np.random.Generator) -> tuple[float, float, float, bool]:
    """Draw the head rest: depth below the image's middle, radius and thickness in mm, and whether it is a U."""
    return rng.uniform(104, 116), rng.uniform(95, 190), rng.uniform(2, 4), bool(rng.random() < 0.4)


def _paint_table(image: np.ndarray, geometry: Geometry, table: tuple[float, float, float, bool]) -> None:
    depth, radius, thickness, rails = table
    line = ((np.arange(geometry.size) - (geometry.size - 1) / 2) * geometry.pixel).astype(np.float32)
    x, y = line[None, :], line[:, None]
    shell = np.abs(np.hypot(x, y - (depth - radius)) - radius) < thickness / 2
    shell &= y > (depth - radius if rails else depth - 45)
    shell &= np.abs(x) < 100
    image[shell & (image < -500)] = 120 if rails else -80
