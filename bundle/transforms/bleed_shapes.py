"""Where a bleed of each subtype may lie in a slice, drawn at random.

Each function takes the brain of a slice and a random state, and returns how much of each pixel is blood, [H, W] float
in [0, 1]. Lengths are in units of the brain's radius, so that they hold for every image size and crop.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy import ndimage
from torch.nn import functional as F

Map = NDArray[np.floating]

_ENCLOSED = 0.7
"""Share of the border of a brain that must have bone beside it; in slices of face and neck it is less."""


@dataclass(frozen=True)
class Brain:
    """The brain in a slice.

    Attributes:
        hu: [H, W] in HU, as far as the window reaches.
        mask: [H, W] bool.
        depth: distance of each pixel of the brain to its border, [H, W].
        dark: what is as dark as fluid, [H, W] bool.
        radius: of a disc of the brain's area, in pixels.
        middle: row and column of the centre of mass.
    """

    hu: Map
    mask: NDArray[np.bool_]
    depth: Map
    dark: NDArray[np.bool_]
    radius: float
    middle: tuple[float, float]

    @classmethod
    def find(cls, hu: Map, inside: NDArray[np.bool_], bright: float, bone: float) -> "Brain | None":
        """Measure the brain in a slice that is black outside the skull, None where its largest tissue is not in bone.

        Args:
            hu: [H, W] in HU.
            inside: what is not black, [H, W] bool.
            bright: HU that a thin skull reaches in a small image, where it shares its pixels.
            bone: HU from which on a pixel is bone or calcium.
        """
        parts, _ = ndimage.label(ndimage.binary_opening(inside & (hu < bone)))
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        if not sizes.any():
            return None
        mask = ndimage.binary_fill_holes(parts == sizes.argmax())
        around = ndimage.binary_dilation(mask) & ~mask
        if (ndimage.maximum_filter(hu, 5)[around] >= bright).mean() < _ENCLOSED:
            return None
        middle = ndimage.center_of_mass(mask)
        depth = ndimage.distance_transform_edt(mask).astype(np.float32)
        smooth = ndimage.uniform_filter(hu, 3)
        fluid = np.median(hu[mask]) - 9
        return cls(hu, mask, depth, mask & (smooth < fluid), float(np.sqrt(mask.sum() / np.pi)), middle)

    def place(self, candidates: NDArray[np.bool_], random: RandomState) -> tuple[int, int] | None:
        """Return a random pixel of `candidates`, None where there is none."""
        found = np.flatnonzero(candidates)
        if not found.size:
            return None
        row, column = divmod(int(found[random.randint(found.size)]), candidates.shape[1])
        return row, column

    def offsets(self, place: tuple[float, float]) -> tuple[Map, Map]:
        """Return how far each pixel is below and right of a place, in radii."""
        rows, columns = np.ogrid[: self.mask.shape[0], : self.mask.shape[1]]
        down, right = np.broadcast_arrays((rows - place[0]) / self.radius, (columns - place[1]) / self.radius)
        return down.astype(np.float32), right.astype(np.float32)


def smooth_noise(shape: tuple[int, int], cells: int, random: RandomState) -> Map:
    """Return smooth noise of mean 0 and variance about 1 that changes `cells` times from side to side, [H, W].

    Example:
        >>> smooth_noise((64, 48), cells=5, random=RandomState(0)).shape
        (64, 48)
    """
    grid = torch.from_numpy(random.standard_normal((1, 1, cells + 1, cells + 1)).astype(np.float32))
    return F.interpolate(grid, shape, mode="bicubic", align_corners=True)[0, 0].numpy() * 1.4


def _soft(inside: Map, edge: float) -> Map:
    """Return a map that goes from 0 to 1 where `inside` goes from -edge to edge."""
    return np.clip(0.5 + inside / (2 * edge), 0, 1).astype(np.float32)


def _ellipse(brain: Brain, place: tuple[float, float], long: float, short: float, angle: float) -> Map:
    down, right = brain.offsets(place)
    cos, sin = np.cos(angle), np.sin(angle)
    return 1 - np.hypot((down * cos + right * sin) / long, (right * cos - down * sin) / short)


def intraparenchymal(brain: Brain, random: RandomState) -> Map | None:
    """A ragged lump, or several, within the tissue."""
    bleed = np.zeros(brain.mask.shape, np.float32)
    for _ in range(random.geometric(0.75) if random.uniform() < 0.25 else 1):
        place = brain.place(brain.depth > random.uniform(0.1, 0.35) * brain.radius, random)
        if place is None:
            return None
        long = float(np.exp(random.uniform(np.log(0.06), np.log(0.5))))
        lump = _ellipse(brain, place, long, long * random.uniform(0.45, 1), random.uniform(0, np.pi))
        lump = lump + random.uniform(0.05, 0.35) * smooth_noise(brain.mask.shape, random.randint(6, 20), random)
        far = np.maximum.reduce([np.abs(each) for each in brain.offsets(place)])
        bleed = np.maximum(bleed, _soft(lump, random.uniform(0.05, 0.3)) * (far < 1.8 * long))
    return bleed * (brain.depth > 0.04 * brain.radius)


def _along_border(brain: Brain, random: RandomState) -> tuple[int, int] | None:
    return brain.place(brain.mask & (brain.depth < 1.5), random)


def epidural(brain: Brain, random: RandomState) -> Map | None:
    """A lens between bone and brain."""
    place = _along_border(brain, random)
    if place is None:
        return None
    long = random.uniform(0.15, 0.7)
    thick = long * random.uniform(0.2, 0.65)
    along = np.hypot(*brain.offsets(place)) / long
    height = thick * (1 - along**2) - brain.depth / brain.radius
    return _soft(height, random.uniform(0.02, 0.05)) * brain.mask * (along < 1)


def subdural(brain: Brain, random: RandomState) -> Map | None:
    """A crescent along one side of the brain, or a strip along the falx."""
    down, right = brain.offsets(brain.middle)
    noise = smooth_noise(brain.mask.shape, random.randint(2, 6), random)
    if random.uniform() < 0.2:
        tilt, shift = random.uniform(-0.12, 0.12), random.uniform(-0.06, 0.06)
        front, back = np.sort(random.uniform(-1, 1, 2)) + np.array([-0.15, 0.15])
        width = random.uniform(0.02, 0.07) * (1 + 0.4 * noise)
        strip = np.minimum(width - np.abs(right - shift - tilt * down), np.minimum(down - front, back - down))
        return _soft(strip, 0.02) * brain.mask
    middle, reach = random.uniform(-np.pi, np.pi), random.uniform(0.35, 1.5)
    turn = np.abs((np.arctan2(down, right) - middle + np.pi) % (2 * np.pi) - np.pi) / reach
    thick = random.uniform(0.04, 0.22) * (1 - np.clip(turn, 0, 1) ** random.uniform(2, 4)) * (1 + 0.2 * noise)
    return _soft(thick - brain.depth / brain.radius, random.uniform(0.01, 0.04)) * brain.mask * (turn < 1)


def subarachnoid(brain: Brain, random: RandomState) -> Map | None:
    """Blood in the sulci and cisterns of a region: in what is dark there, and in winding lines near the cortex."""
    place = brain.place(brain.mask & (brain.depth < 0.5 * brain.radius), random)
    if place is None:
        return None
    region = _soft(
        _ellipse(brain, place, random.uniform(0.25, 1.0), random.uniform(0.2, 0.6), random.uniform(0, np.pi)), 0.3
    )
    cells = random.randint(8, 16)
    lines = random.uniform(0.08, 0.2) - np.abs(smooth_noise(brain.mask.shape, cells, random))
    shallow = np.clip(1.5 - brain.depth / (random.uniform(0.1, 0.35) * brain.radius), 0, 1)
    blood = np.maximum(brain.dark & (brain.depth < 0.6 * brain.radius), _soft(lines, 0.15) * shallow)
    return region * blood * brain.mask


def intraventricular(brain: Brain, random: RandomState) -> Map | None:
    """Blood in dark fluid near the middle, often only in its lower part, where it settles."""
    down, right = brain.offsets(brain.middle)
    dark, count = ndimage.label(brain.dark & (np.hypot(down, right) < 0.6) & (brain.depth > 0.35 * brain.radius))
    sizes = np.bincount(dark.ravel())[1:]
    large = 1 + np.flatnonzero(sizes > 0.012 * brain.mask.sum()) if count else np.zeros(0, int)
    if not large.size:
        return None
    chosen = large[random.uniform(size=large.size) < 0.7]
    ventricle = np.isin(dark, chosen if chosen.size else large)
    ventricle = ndimage.binary_dilation(ventricle)
    if random.uniform() < 0.6:
        rows = np.flatnonzero(ventricle.any(1))
        level = rows[0] + random.uniform(0.2, 0.85) * (rows[-1] - rows[0])
        noise = smooth_noise(brain.mask.shape, 6, random)
        fill = noise + np.arange(len(ventricle), dtype=np.float32)[:, None] - np.float32(level)
        return _soft(fill, 1.5) * ventricle
    return ventricle.astype(np.float32)


SHAPES = {
    "epidural": epidural,
    "intraparenchymal": intraparenchymal,
    "intraventricular": intraventricular,
    "subarachnoid": subarachnoid,
    "subdural": subdural,
}
