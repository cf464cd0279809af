"""Heads that lie partly outside the picture, or are shown in it otherwise than the network has seen them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bundle.intensity import Intensity
from bundle.readers import SlicePixels
from bundle.readers.head_files import HeadFiles
from bundle.results.read_again import read_again
from bundle.results.records import slices_by_series

CUT_OFF = "the head is cut off by the edge of the picture"
INVERTED = "its pictures may be inverted, for their corners are bright"
_LOOKED_AT = (0.4, 0.5, 0.6)
"""Where along the axis the slices are looked at; at the base neck and shoulders reach the edge of many heads."""
_AIR = -200.0
"""HU."""
_EDGE = 0.45
"""Share of an edge that the head covers; a head that is whole covers 0.35 at most."""
_LEAST_PIXELS = 192
"""Rows or columns, whichever are more, from which on pictures score as those of 256 do; see benchmarks/pictures.py."""
_CORNER, _BRIGHT = 25, 127.5
"""Part of the sides that a corner takes, and grey level of corners that are no air."""


def doubtful_views(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], str]:
    """Return the series that are cut off, coarse or inverted, see `series_of`, and the clauses that say so.

    Args:
        rows: of slices that were scored, those of a series in the order of their positions; of pictures, which are
            often cropped to the head, and of slices without positions nobody can tell whether they are cut off.
    """
    found, files = {}, HeadFiles()
    for name, members in slices_by_series(rows).items():
        looked_at = sorted({members[int(share * (len(members) - 1))] for share in _LOOKED_AT})
        seen = [each for index in looked_at if (each := read_again(rows[index], files)) is not None]
        if clauses := list(_doubts(seen, rows[members[0]].get("position") is not None)):
            found[name] = "; ".join(clauses)
    return found


def _doubts(seen: Sequence[SlicePixels], placed: bool) -> Iterator[str]:
    if placed and any(map(_is_cut_off, seen)):
        yield CUT_OFF
    if seen and (shape := max((each.pixels.shape for each in seen), key=max)) and max(shape) < _LEAST_PIXELS:
        yield f"its slices have only {shape[0]} by {shape[1]} pixels"
    if any(map(_is_inverted, seen)):
        yield INVERTED


def _is_cut_off(seen: SlicePixels) -> bool:
    if seen.intensity is not Intensity.HU:
        return False
    body = seen.pixels > _AIR
    return max(edge.mean() for edge in (body[0], body[-1], body[:, 0], body[:, -1])) >= _EDGE


def _is_inverted(seen: SlicePixels) -> bool:
    if seen.intensity is not Intensity.DISPLAY:
        return False
    height, width = (-(-side // _CORNER) for side in seen.pixels.shape)
    ends = np.r_[:height, -height:0], np.r_[:width, -width:0]
    return bool(np.median(seen.pixels[np.ix_(*ends)]) > _BRIGHT)
