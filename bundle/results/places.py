"""Series that show several slices at one place, as those do in which heads are mixed, or one slice several times."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundle.heads.coverage import LEAST_SLICES
from bundle.predictions import SAME_PLACE
from bundle.results.read_again import read_again
from bundle.results.records import slices_by_series

SEVERAL = "several slices at one place"
_NARROW, _OFTEN = 0.25, 3
"""Share of the step beside it that a narrow step is, and how many of them there are where two stacks lie in each other;
where the steps change from base to vertex there is one."""


def mixed_heads(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], str]:
    """Return the series with different slices at one place, see `series_of`, and the clause that says so.

    A slice that is there twice, as a copy, is none.

    Args:
        rows: of slices that were scored, those of a series in the order of their positions.
    """
    found = {}
    for name, members in slices_by_series(rows).items():
        of_series = [rows[index] for index in members]
        positions = [row["position"] for row in of_series]
        if len(positions) > 1 and None not in positions and _are_mixed(of_series, np.diff(positions)):
            found[name] = SEVERAL
    return found


def copied_slices(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], str]:
    """Return the series without positions that have the slices of a whole head by their number alone, and the clause.

    Args:
        rows: of slices that were scored.
    """
    found = {}
    for name, members in slices_by_series(rows).items():
        if len(members) < LEAST_SLICES or rows[members[0]]["position"] is not None:
            continue
        different: set[bytes] = set()
        for index in members:
            different.add(_digest(rows[index]))
            if len(different) == LEAST_SLICES:
                break
        else:
            found[name] = f"only {len(different)} different slices among its {len(members)}"
    return found


def _digest(row: Mapping[str, Any]) -> bytes:
    seen = read_again(row)
    return hashlib.sha256(str(row["image"]).encode() if seen is None else seen.pixels.tobytes()).digest()


def _are_mixed(rows: Sequence[Mapping[str, Any]], steps: np.ndarray) -> bool:
    same = steps <= SAME_PLACE
    between = np.pad(steps[~same], 1)
    narrow = between[1:-1] < _NARROW * np.maximum(between[:-2], between[2:])
    if np.count_nonzero(narrow) >= _OFTEN:
        return True
    return any(_differ(rows[index], rows[index + 1]) for index in np.flatnonzero(same).tolist())


def _differ(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    one, other = read_again(a), read_again(b)
    return one is not None and other is not None and not np.array_equal(one.pixels, other.pixels)
