"""Slabs of thin slices, which look like the slices that the classifier was trained on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundle.predictions import is_thin, placed_series, positions_of

SLAB = 5.0
"""mm along the normal of which the slices are one slab."""


def find_slabs(rows: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Return the slices of each slab, one alone where a series is not thin, in the order of the first of each.

    Thin is what `bundle.predictions.is_thin` says. Slabs are counted from the first slice of a series along its normal,
    so that holes, uneven spacings and descending orders do no harm.

    Args:
        rows: of N slices, as `bundle.predictions.SliceSmoothing` takes them.

    Returns:
        Indices from 0 to N - 1, each once.

    Example:
        >>> thin = [{"series": "thin", "position": 1.25 * index} for index in range(6)]
        >>> find_slabs([*thin, {"series": "", "position": None}])
        [[0, 1, 2, 3], [4, 5], [6]]
    """
    slabs: list[list[int]] = []
    positions = positions_of(rows)
    alone = np.ones(len(rows), dtype=bool)
    for series in placed_series(rows):
        z = positions[series]
        if not is_thin(z):
            continue
        alone[series] = False
        # A thousandth of a slab is what decimals in a header leave of a position.
        number = np.floor((z - z.min()) / SLAB + 1e-3).astype(int)
        slabs += [series[number == each].tolist() for each in np.unique(number)]
    return sorted([*slabs, *([index] for index in np.flatnonzero(alone).tolist())])
