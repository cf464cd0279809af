"""Images that show the same, or nearly so.

Neighbouring slices of a patient on both sides of a split make a model look better than it is. Where no id tells who is
whose, images whose thumbnails correlate above `group_correlation` count as one patient's.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bundle.progress import progress

CORRELATION = 0.985
"""Chosen on CT-ICH, 54 known patients (``benchmarks.near_duplicates stacks``): it joins 23 % of the neighbouring slices
of a patient and one in 1.3 million pairs of slices of different patients; at 0.96 such chance pairs chain half of a
dataset into one group."""

FEW = 3000
"""Number of images up to which `CORRELATION` holds; chance pairs grow with its square."""

_AXES = 31
_ROWS, _COLUMNS, _PAIRS = 1024, 16384, 65536

Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def near_pairs(thumbnails: NDArray[np.int8], correlation: float) -> Iterator[Pairs]:
    """Yield all pairs of thumbnails that correlate, in blocks and in any order.

    No pair is missed, though most are never compared and few in all 256 numbers. The thumbnails are turned to their
    principal axes. In a sketch of the first 31 coordinates and the length of the rest, two have at least their true
    product (Cauchy–Schwarz), so only pairs whose sketches pass are compared in full, in integers: the result does not
    depend on rounding. Sorted along the axis of the greatest spread, a sketch meets only those within
    √(2 − 2 correlation), the distance of two unit vectors of that correlation.

    Args:
        thumbnails: [n, 256] as `bundle.datalist.Fingerprint.thumbnail`; those of zeros correlate with none.
        correlation: from which on two are a pair.

    Yields:
        The indices of the first and of the second image of each pair, the first the smaller, and the correlation.

    Example:
        >>> thumbnails = 127 * np.eye(2, 256, dtype=np.int8)[[0, 1, 0]]
        >>> [(first.tolist(), second.tolist()) for first, second, _ in near_pairs(thumbnails, 0.99)]
        [([0], [2])]
    """
    filled = np.flatnonzero(thumbnails.any(axis=1))
    if not filled.size:
        return
    sketch = _sketch(thumbnails, filled)
    axis = sketch.std(axis=0).argmax()
    order = np.argsort(sketch[:, axis], kind="stable")
    sketch, index = sketch[order], filled[order]
    place = sketch[:, axis].astype(np.float64)
    reach = np.sqrt(2 * (1 - correlation)) + 1e-4
    ends = np.searchsorted(place, place + reach, side="right")
    for start in range(0, len(index), _ROWS):
        rows = sketch[start : start + _ROWS]
        end = ends[start + len(rows) - 1]
        for begin in range(start, end, _COLUMNS):
            columns = sketch[begin : min(begin + _COLUMNS, end)]
            near = np.flatnonzero(rows @ columns.T >= correlation - 1e-4)
            first, second = start + near // len(columns), begin + near % len(columns)
            later = first < second
            yield from _verify(thumbnails, index[first[later]], index[second[later]], correlation)


def near_any(thumbnails: NDArray[np.int8], known: NDArray[np.int8], correlation: float) -> NDArray[np.bool_]:
    """Return for each thumbnail whether it correlates with one of others, [n]; in integers, as `near_pairs`.

    Args:
        thumbnails: [n, 256]; those of zeros correlate with none.
        known: the others, [m, 256].
        correlation: from which on two are near.

    Example:
        >>> thumbnails = 127 * np.eye(3, 256, dtype=np.int8)
        >>> near_any(thumbnails[:2], thumbnails[1:], 0.99)
        array([False,  True])
    """
    near = np.zeros(len(thumbnails), dtype=bool)
    others = known[known.any(axis=1)].astype(np.float32)
    squares = np.square(others).sum(axis=1, dtype=np.float64)
    starts = range(0, len(thumbnails), _ROWS)
    for start in progress(starts, desc="comparing with known images", delay=2, leave=False):
        # A product of two is below 2²⁴, so float32 holds it exactly.
        rows = thumbnails[start : start + _ROWS].astype(np.float32)
        least = correlation * np.sqrt(np.outer(np.square(rows).sum(axis=1, dtype=np.float64), squares))
        near[start : start + _ROWS] = ((rows @ others.T >= least) & (least > 0)).any(axis=1)
    return near


def group_correlation(count: int) -> float:
    """Return the correlation from which on two of so many images are taken for one patient's.

    The chance pairs of an image grow with their number, and fall about as the fourth power of 1 − correlation (345, 83
    and 15 at 0.96, 0.97 and 0.98 in CT-ICH), so 1 − correlation falls as the fourth root: 0.985 up to `FEW` images,
    0.9962 for the 752,803 of RSNA.

    Example:
        >>> group_correlation(1000), round(group_correlation(752_803), 4)
        (0.985, 0.9962)
    """
    return 1 - (1 - CORRELATION) * min(1, FEW / max(count, 1)) ** 0.25


def find_groups(thumbnails: NDArray[np.int8]) -> NDArray[np.int64]:
    """Number the groups of images that are nearly identical, directly or through others, see `group_correlation`.

    Args:
        thumbnails: [n, 256], as in `near_pairs`; those of zeros are one group.

    Returns:
        The group of each image, [n], numbered from 0 in the order of their first images.

    Example:
        >>> find_groups(127 * np.eye(2, 256, dtype=np.int8)[[0, 1, 0]])
        array([0, 1, 0])
    """
    from scipy.sparse import coo_array  # the two take half a second to import
    from scipy.sparse.csgraph import connected_components

    group = np.arange(len(thumbnails))
    empty = np.flatnonzero(~thumbnails.any(axis=1))
    group[empty] = empty[:1]
    for first, second, _ in near_pairs(thumbnails, group_correlation(len(thumbnails))):
        ends = group[first], group[second]
        joined = coo_array((np.ones(len(first), dtype=bool), ends), shape=(len(group), len(group)))
        group = connected_components(joined, directed=False)[1][group].astype(np.int64)
    _, first, group_of = np.unique(group, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group_of]


def _sketch(thumbnails: NDArray[np.int8], filled: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the sketch of the filled thumbnails, unit vectors [n, 32]."""
    moments = np.zeros((thumbnails.shape[1],) * 2)
    for units in _units(thumbnails, filled):
        moments += units.T @ units
    axes = np.linalg.eigh(moments)[1][:, : -_AXES - 1 : -1].astype(np.float32)
    heads = np.concatenate([units @ axes for units in _units(thumbnails, filled)])
    rest = np.sqrt(np.maximum(0, 1 - (heads**2).sum(axis=1, keepdims=True)))
    return np.concatenate([heads, rest], axis=1)


def _units(thumbnails: NDArray[np.int8], filled: NDArray[np.int64]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(filled), _PAIRS):
        values = thumbnails[filled[start : start + _PAIRS]].astype(np.float32)
        yield values / np.linalg.norm(values, axis=1, keepdims=True)


def _verify(
    thumbnails: NDArray[np.int8], first: NDArray[np.int64], second: NDArray[np.int64], correlation: float
) -> Iterator[Pairs]:
    for start in range(0, len(first), _PAIRS):
        ends = first[start : start + _PAIRS], second[start : start + _PAIRS]
        left, right = (thumbnails[each].astype(np.int32) for each in ends)
        product, *squares = (np.einsum("ij,ij->i", a, b) for a, b in ((left, right), (left, left), (right, right)))
        found = product / np.sqrt(squares[0].astype(np.float64) * squares[1])
        near = found >= correlation
        yield np.minimum(*ends)[near], np.maximum(*ends)[near], found[near]
