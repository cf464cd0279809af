"""What the numbers of a NIfTI volume are, which its header does not say."""

from typing import NamedTuple

import numpy as np

from bundle.intensity import Intensity
from bundle.readers.hounsfield import AIR, TWO_BYTES, WRAPPED

AIR_BELOW, AIR_FRACTION = -200.0, 0.01
_OFFSETS = (1024, 1000)
"""What is added to HU so that they fit into unsigned integers: by scanners, and by converters."""
_BRAIN = 32
"""HU where the histogram of a brain has its peak."""
_TISSUE = (900, 1200)
_SAMPLE = 2_000_000


class VoxelUnit(NamedTuple):
    """Unit of voxels, and what leads from them to it."""

    intensity: Intensity
    offset: int = 0
    """What is above HU in all of them."""
    wrapped: bool = False
    """Whether negative values were written as unsigned ones: -1 as 65535."""

    def __str__(self) -> str:
        return f"{self.intensity} + {self.offset}" if self.offset else str(self.intensity)


def find_unit(values: np.ndarray) -> VoxelUnit:
    """Return the unit of a volume's values, of any shape.

    They are HU when at least one voxel in a hundred is below -200, which is air in a CT and nothing in an MR, or would
    be were it not for unsigned integers. They are HU with an offset when the histogram has the two peaks of a head CT,
    air and brain, that far above their places, bone above the brain, and next to nothing between air and brain; then
    what is below -200 is padding, see `has_air`. All else is `Intensity.ARBITRARY`, and so is a CT whose air was cut
    off.
    """
    low = _are_many(values < AIR_BELOW)
    wrapped = not low and bool(values.max(initial=0) < TWO_BYTES) and _are_many(values >= WRAPPED)
    whole = to_unit(values, VoxelUnit(Intensity.HU, wrapped=wrapped))
    if not has_air(whole) and (offset := find_offset(whole)):
        return VoxelUnit(Intensity.HU, offset, wrapped)
    return VoxelUnit(Intensity.HU, wrapped=wrapped) if low or wrapped else VoxelUnit(Intensity.ARBITRARY)


def to_unit(values: np.ndarray, unit: VoxelUnit) -> np.ndarray:
    """Return values, float32, in the unit that `find_unit` found."""
    if unit.wrapped:
        values = np.where(values >= WRAPPED, values - np.float32(TWO_BYTES), values)
    return values - np.float32(unit.offset) if unit.offset else values


def has_air(values: np.ndarray) -> bool:
    """Return whether at least one value in a hundred, of any shape, is one that only air has in HU.

    Values from -1024 down do not count: they also mark what is outside the field of view, whatever the others are.
    """
    return _are_many((values < AIR_BELOW) & (values > AIR))


def _are_many(where: np.ndarray) -> bool:
    return bool(np.count_nonzero(where) >= AIR_FRACTION * where.size)


def find_offset(values: np.ndarray) -> int:
    """Return which of two offsets, 1024 or 1000, the values of a head CT have above HU, or 0 for none."""
    values = values.reshape(-1)[:: max(1, values.size // _SAMPLE)]
    air = (values >= -50) & (values < 200)
    inside = values[values >= 300]
    tissue = inside[(inside >= _TISSUE[0]) & (inside < _TISSUE[1])]
    if (
        np.count_nonzero(air) < 0.05 * values.size
        or tissue.size < max(0.3 * inside.size, 100)
        or np.count_nonzero(inside < 800) > 0.15 * inside.size
        or np.count_nonzero(inside > 1400) < 0.01 * inside.size
        or np.count_nonzero(inside > 5200) > 0.001 * inside.size
    ):
        return 0
    counts, edges = np.histogram(tissue, np.arange(_TISSUE[0], _TISSUE[1] + 1))
    peak = edges[np.convolve(counts, np.ones(9), "same").argmax()]
    offset = min(_OFFSETS, key=lambda each: abs(peak - each - _BRAIN))
    narrow = np.count_nonzero(abs(tissue - peak) < 50) > 0.5 * tissue.size
    return offset if narrow and abs(peak - offset - _BRAIN) < 40 else 0
