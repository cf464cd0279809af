"""Heads that lie partly outside the picture."""

from collections.abc import Mapping, Sequence
from typing import Any

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.predictions import group_members
from bundle.readers import read_slice
from bundle.readers.head_files import HeadFiles
from bundle.results.records import series_of

CUT_OFF = "the head is cut off by the edge of the picture"
_LOOKED_AT = (0.4, 0.5, 0.6)
"""Where along the axis the slices are looked at; at the base neck and shoulders reach the edge of many heads."""
_AIR = -200.0
"""HU."""
_EDGE = 0.45
"""Share of an edge that the head covers; a head that is whole covers 0.35 at most."""


def cut_off_heads(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], str]:
    """Return the series whose head is cut off by an edge of the picture, see `series_of`, and the clause that says so.

    Args:
        rows: of slices that were scored, those of a series in the order of their positions; pictures, which are often
            cropped to the head, are not looked at.
    """
    names = [series_of(row) for row in rows]
    found, files = {}, HeadFiles()
    for members in group_members(names):
        looked_at = {members[int(share * (len(members) - 1))] for share in _LOOKED_AT}
        if rows[members[0]].get("position") is not None and any(_is_cut_off(rows[index], files) for index in looked_at):
            found[names[members[0]]] = CUT_OFF
    return found


def _is_cut_off(row: Mapping[str, Any], files: HeadFiles) -> bool:
    try:
        seen = read_slice(row, files)
    except InputError:  # it was read before, and is judged by what it was then
        return False
    if seen.intensity is not Intensity.HU:
        return False
    body = seen.pixels > _AIR
    return max(edge.mean() for edge in (body[0], body[-1], body[:, 0], body[:, -1])) >= _EDGE
