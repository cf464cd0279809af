"""What pixels say that an image is, where no header does."""

from collections.abc import Iterable

import numpy as np

from bundle.gate.judgement import Finding
from bundle.gate.kinds import Kind
from bundle.intensity import Intensity
from bundle.readers.voxel_unit import VoxelUnit, find_offset, has_air, to_unit

_FEW, _LABELS = 32, 256
"""Distinct numbers of a label map: at most `_FEW` for sure, up to `_LABELS` where neighbours are alike."""
_ALIKE = 0.8
_WHITE = 255
_LOSSES, _NEARLY_ALL = 20, 0.9995
"""Grey levels by which a JPEG changes those of a mask, and share of its pixels that stay so near to black or white: of
masks 0.9997 or more, of slices that show little of the head 0.9993 at most."""
_SAMPLE = 20_000
_ZEROS = 0.3
_AIR, _BONE = -200.0, 250.0
"""HU below which there is air, and above which bone."""
_SKULL = 0.05
"""Share of bone in the body, which that of a head exceeds: slices of heads have 7 to 30 %, of the trunk 2 to 4 %."""
_COLOURED = 0.005
"""Share of pixels in colour, up to which they are marks on a slice: charts and pages have 1 % or more."""
_BRAIN = (10.0, 60.0)
"""HU between which the median of a brain is, `_SOFT` those of nearly all of it."""
_SOFT = (-60.0, 200.0)
_TISSUE = (-20.0, 120.0)
"""HU of brain, cerebrospinal fluid, fresh blood and muscle."""
_LEAST_TISSUE = 0.025
"""Share of such tissue in pictures in HU; see `find_no_tissue`."""
_LEAST_AIR = 0.01


def find_volume_kind(values: np.ndarray, unit: VoxelUnit) -> Finding:
    """Return what a volume is, by its values as stored, [H, W, D], and their unit."""
    if empty := find_empty(values):
        return empty
    if is_label_map(values):
        return Finding(Kind.LABEL_MAP, "its numbers are a few whole ones, as those of regions")
    if unit.offset:
        return Finding(Kind.SHIFTED_CT, f"its numbers are {unit.offset} above HU, which was taken off")
    if unit.intensity is Intensity.HU:
        hu = to_unit(values, unit)  # air whose sign was lost would count as bone
        if finding := find_no_tissue([hu]):
            return finding
        share = bone_share(hu)
        if hu.max() > _BONE and share < _SKULL:
            return Finding(
                Kind.NOT_A_HEAD, f"bone is {share:.0%} of the body in it, and of a head {_SKULL:.0%} or more"
            )
        return Finding(Kind.HEAD_CT)
    if is_stripped(values):
        return Finding(Kind.STRIPPED_CT, "it is a brain in HU with zeros around it")
    return Finding(Kind.UNKNOWN_UNIT, "its numbers are not HU, as those of an MR or of a CT whose air was cut off")


def bone_share(values: np.ndarray) -> float:
    """Return which share of the body is bone, by HU of any shape; 0 where there is only air."""
    body = values > _AIR
    return float((values > _BONE).sum() / max(body.sum(), 1))


def find_picture_kind(values: np.ndarray, intensity: Intensity, lossy: bool = False) -> Finding:
    """Return what a picture is, [H, W].

    Args:
        values: of it.
        intensity: what they are.
        lossy: whether it was stored as a JPEG, which blurs the edges of a mask.
    """
    if empty := find_empty(values):
        return empty
    if lossy and np.mean(np.minimum(values, _WHITE - values) <= _LOSSES) >= _NEARLY_ALL:
        return Finding(Kind.LABEL_MAP, "it is black and white but for the losses of its JPEG, as a mask")
    distinct = np.unique(values)
    if len(distinct) == 2 or (len(distinct) <= _FEW and distinct[-1] <= _FEW):
        return Finding(Kind.LABEL_MAP, f"its {len(distinct)} grey values are those of a mask")
    return find_display_kind(intensity)


def find_colours(coloured: float) -> Finding | None:
    """Return whether a picture is one in colour, by the share of its pixels that are."""
    if coloured <= _COLOURED:
        return None
    return Finding(Kind.COLOUR, f"{coloured:.1%} of it is in colour, and of a slice at most {_COLOURED:.1%}")


def find_display_kind(intensity: Intensity) -> Finding:
    """Return what a picture is that shows something."""
    if intensity is Intensity.DISPLAY:
        return Finding(Kind.PICTURE)
    return Finding(Kind.UNKNOWN_UNIT, "it is a picture of more than 8 bits, whose unit nothing says")


def find_slice_kind(values: np.ndarray, intensity: Intensity) -> Finding | None:
    """Return what rules a slice out whose header and volume said nothing, [H, W], or None.

    Its header may say HU where a converter has lost the RescaleIntercept. Negative values alone do not prove it right:
    padding and metal that wrapped around are negative as well.
    """
    if empty := find_empty(values):
        return empty
    if intensity is Intensity.HU and not has_air(values) and (offset := find_offset(values)):
        return Finding(Kind.UNKNOWN_UNIT, f"its numbers are {offset} above HU, so its RescaleIntercept is wrong")
    return None


def find_no_tissue(images: Iterable[np.ndarray]) -> Finding | None:
    """Return whether none of several images in HU, of any shape, shows tissue between air, so that they are not in HU.

    So it is where a rescale was applied twice, or the intercept of a CT was kept for a picture of 8 bits: brain then
    counts as air. And so it is where a picture of 8 bits says that it is a CT: it has no air.

    Measured: of slices in the middle of heads tissue is 26 % or more (two scanners), of those of phantoms 21 % or more,
    and 1 % at most where the rescale was applied twice; air is 45 % or more. A newborn's brain of 80 by 105 mm would be
    2.6 % of a field of view of 500 mm, twice as wide as heads are taken with.

    Args:
        images: a volume, or slices from the middle of a series: those of the vertex and the base may show little. They
            are taken up to the first that shows tissue; of none nothing is said.
    """
    looked_at = False
    for each in images:
        if _shows_tissue(each):
            return None
        looked_at = True
    if not looked_at:
        return None
    return Finding(Kind.UNKNOWN_UNIT, "no tissue is seen between air, so its numbers are not HU")


def _shows_tissue(hu: np.ndarray) -> bool:
    tissue = (hu >= _TISSUE[0]) & (hu <= _TISSUE[1])
    return bool(tissue.mean() >= _LEAST_TISSUE and (hu < _AIR).mean() >= _LEAST_AIR)


def find_empty(values: np.ndarray) -> Finding | None:
    """Return whether all values are one."""
    if values.size and values.min() != values.max():
        return None
    return Finding(Kind.EMPTY, f"all of it is {values.flat[0]:g}" if values.size else "it has no pixels")


def is_label_map(values: np.ndarray) -> bool:
    """Return whether values, [H, W, D], are numbers of regions: whole, few, and mostly those of their neighbours."""
    sample = values.reshape(-1)[:: max(1, values.size // _SAMPLE)]
    if sample.min() < 0 or (sample != np.rint(sample)).any() or len(np.unique(sample)) > _LABELS:
        return False
    distinct = np.unique(values)
    if len(distinct) > _LABELS or (distinct != np.rint(distinct)).any() or distinct[0] < 0:
        return False
    if len(distinct) <= _FEW:
        return True
    inside = values[1:] != 0
    return bool(inside.any() and np.mean((values[1:] == values[:-1])[inside]) >= _ALIKE)


def is_stripped(values: np.ndarray) -> bool:
    """Return whether values are those of a brain in HU with zeros around it."""
    sample = values.reshape(-1)[:: max(1, values.size // (50 * _SAMPLE))]
    inside = sample[sample != 0]
    if not inside.size or inside.size > (1 - _ZEROS) * sample.size:
        return False
    low, median, high = np.percentile(inside, (1, 50, 99))
    return bool(_SOFT[0] <= low and _BRAIN[0] <= median <= _BRAIN[1] and high <= _SOFT[1])
