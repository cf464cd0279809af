"""Where in a head the network sees the bleed: side, extent along the axis, and the HU under the heat map."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

LEFT, RIGHT, BOTH, MIDLINE = "left", "right", "both", "midline"

_ONE_SIDE = 0.75
"""Share of the heat on one side from which on it is the bleed's."""
_NEAR_MIDLINE = 0.08
"""Distance of the heat's centre from the midline, as a share of half the brain's width, below which it lies on it: some
5 mm."""
_SPREAD = 0.25
"""Mean distance of the heat from the midline, in the same unit, above which it lies on both sides of it."""
_SURER = 4
"""Power of a slice's weight by which it counts: each map is scaled to 1, however little is seen in its slice."""
_HOT = 0.5
"""Heat from which on a pixel counts."""
_TISSUE = (0.0, 100.0)
"""HU between which brain and blood lie; bone, air and fat under the heat map are not its subject."""


class Location(NamedTuple):
    """Where the suspicious slices of a head are, and what they show."""

    side: str = ""
    """"left", "right", "both", "midline": the patient's own; "" where nothing says which side of a picture is which."""
    from_slice: int = 1
    """Number of the first suspicious slice, from 1 and from inferior to superior."""
    to_slice: int = 1
    """Of the last."""
    from_mm: float | None = None
    """Its position along the normal; None where unknown."""
    to_mm: float | None = None
    hu: float | None = None
    """Mean of soft tissue under the heat map of the most suspicious slice; None where there is no HU."""


def suspicious_slices(p_any: ArrayLike, most: int) -> np.ndarray:
    """Return the indices of the slices with at least half of the highest P(any), or that of the most suspicious one.

    Args:
        p_any: [n] of a head's slices in order, each alone: smoothing reaches beyond the bleed.
        most: index of the most suspicious slice, by its smoothed P(any), which a slice that stands alone has not.

    Example:
        >>> suspicious_slices([0.5, 0.1, 0.9, 0.8, 0.2], 2), suspicious_slices([0.9, 0.1, 0.4, 0.4, 0.3], 3)
        (array([0, 2, 3]), array([0, 2, 3]))
    """
    p = np.asarray(p_any, dtype=np.float64)
    return np.flatnonzero(p >= min(p.max() / 2, p[most]))


def side(
    heat: Sequence[np.ndarray], weights: Sequence[float], midlines: Sequence[float], half_widths: Sequence[float]
) -> str:
    """Return on which side of the patient the heat lies, as slices are displayed: the patient's right is on the left.

    Args:
        heat: n maps [H, W] in [0, 1].
        weights: [n], P(any) of the slices; the surest count most.
        midlines: [n], column of the middle of the brain in each.
        half_widths: [n], columns from there to the side of the brain.

    Returns:
        One of "left", "right", "both" and "midline"; "" where there is no heat.

    Example:
        >>> one = np.zeros((4, 8))
        >>> one[1, 1] = 1
        >>> side([one], [0.9], [3.5], [4])
        'right'
    """
    mass, offsets = [], []
    for one, weight, middle, half in zip(heat, weights, midlines, half_widths, strict=True):
        columns = np.where(one >= _HOT, one, 0).sum(axis=0) * weight**_SURER
        mass.append(columns)
        offsets.append((np.arange(len(columns)) - middle) / half)
    at, share = np.concatenate(offsets), np.concatenate(mass)
    if not share.sum() > 0:
        return ""
    share = share / share.sum()
    of_left = float(share[at > 0].sum() + share[at == 0].sum() / 2)
    centre, spread = float((share * at).sum()), float((share * abs(at)).sum())
    if of_left >= _ONE_SIDE and centre > _NEAR_MIDLINE:
        return LEFT
    if of_left <= 1 - _ONE_SIDE and centre < -_NEAR_MIDLINE:
        return RIGHT
    return BOTH if spread > _SPREAD else MIDLINE


def mean_hu(pixels: np.ndarray, heat: np.ndarray) -> float | None:
    """Return the mean HU of soft tissue under the heat map, or None where it lies on none.

    Args:
        pixels: [H, W] in HU.
        heat: [H, W] in [0, 1].

    Example:
        >>> mean_hu(np.array([[60.0, 70.0, -1000.0, 30.0]]), np.array([[1.0, 0.8, 1.0, 0.1]]))
        65.0
    """
    values = pixels[(heat >= _HOT) & (pixels >= _TISSUE[0]) & (pixels <= _TISSUE[1])]
    return float(values.mean()) if values.size else None
