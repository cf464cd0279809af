"""Where in a head the bleed is seen, from the heat maps of its suspicious slices."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.heads import Location, mean_hu, side, suspicious_slices
from bundle.intensity import Intensity
from bundle.labels import HEMORRHAGE
from bundle.pictures import Explainer, HeatMap, restore
from bundle.predictions import Predictions, likeliest_bleed
from bundle.progress import progress
from bundle.readers import SlicePixels
from bundle.results.overlays import sides_of
from bundle.results.records import P_ANY, Record, Records, series_of, slices_by_series
from bundle.results.slice_pictures import SlicePictures
from bundle.results.verdicts import NEVER_SEEN

logger = logging.getLogger(__name__)

MAPS = 12
"""Heat maps of a head at most, spread evenly over its suspicious slices; the most suspicious one has one."""
_USUAL = ("R", "L")
"""Letters at the left and right edge of a slice as it is usually displayed."""
_MIRRORED = {"left": "right", "right": "left"}
COLUMNS = tuple(f"where_{name}" for name in Location._fields)


def needs_location(series: Mapping[str, Any]) -> bool:
    """Return whether a bleed in the series is likely, or not excluded, and its score says something."""
    if series.get("kind") in NEVER_SEEN:
        return False
    return bool(series.get("hemorrhage")) or HEMORRHAGE in (series.get("set_any") or "")


def locate(
    explainer: Explainer, indices: Sequence[int], alone: Predictions, most: int
) -> tuple[Location, dict[int, HeatMap]]:
    """Return where the bleed of a head is seen, and the heat maps that say so, by their place among the slices.

    The slices of the location are counted among those that are given.

    Args:
        explainer: of all slices.
        indices: n slices of the head in the order of their positions.
        alone: predictions of these before smoothing.
        most: place among these of the one that the results name as the most suspicious, by its smoothed P(any).

    Raises:
        InputError: when a file can no longer be read.
    """
    p_any = alone.p_any
    suspicious = suspicious_slices(p_any, most).tolist()
    first, last = suspicious[0], suspicious[-1]
    chosen = _spread(suspicious, most)
    classes = [likeliest_bleed(alone.probabilities[at], alone.task) for at in chosen]
    maps = list(explainer.explain([indices[at] for at in chosen], classes))
    worst = maps[chosen.index(most)]
    seen = worst.read()
    lowest, highest = (explainer.rows[indices[at]].get("position") for at in (first, last))
    location = Location(
        _side(maps, p_any[chosen].tolist(), sides_of(worst.row, seen)),
        first + 1,
        last + 1,
        lowest,
        highest,
        _hu(worst, seen),
    )
    return location, dict(zip(chosen, maps, strict=True))


def locate_heads(
    records: Records, pictures: SlicePictures, alone: Predictions, shown: int
) -> tuple[list[Record], dict[int, HeatMap]]:
    """Return the records of the series with where their bleeds are seen, and heat maps by the indices of slices.

    Args:
        records: of slices and series.
        pictures: of the slices.
        alone: predictions of the slices before smoothing.
        shown: number of the first series whose heat maps are asked for.
    """
    members = slices_by_series(records.slices)
    located: list[Record] = []
    maps: dict[int, HeatMap] = {}
    for number, series in enumerate(progress(records.series, "Locations", unit="head", delay=2)):
        location = None
        if needs_location(series):
            own = members[series_of(series)]
            most = int(np.argmax([records.slices[index][P_ANY] for index in own]))
            try:
                location, found = locate(pictures.explainer, pictures.indices_of(own), alone.restricted(own), most)
            except InputError as error:
                logger.warning("%s; where its bleed is seen is not reported.", error)
            else:
                location = _numbered(location, [pictures.numbers[index][0] for index in own])
                if number < shown:
                    maps |= {own[place]: each for place, each in found.items()}
        located.append({**series, **location_columns(location)})
    return located, maps


def location_columns(location: Location | None) -> dict[str, Any]:
    """Return the columns of a series; all None where it has no location."""
    if location is None:
        return dict.fromkeys(COLUMNS)
    values = (round(value, 2) if isinstance(value, float) else value for value in location)
    return dict(zip(COLUMNS, values, strict=True))


def seen_side(maps: Sequence[HeatMap], weights: Sequence[float]) -> str:
    """Return the side of the heat of slices that are displayed as usual, see `bundle.heads.side`.

    Args:
        maps: n slices with their heat maps.
        weights: [n].
    """
    # What the network sees is all there is of a map, and its middle that of the brain.
    shapes = [[last - first for first, last in zip(*each.box, strict=True)] for each in maps]
    heat = [restore(each.heat, (0, 0), shape, shape) for each, shape in zip(maps, shapes, strict=True)]
    return side(heat, weights, [(width - 1) / 2 for _, width in shapes], [width / 2 for _, width in shapes])


def _numbered(location: Location, numbers: Sequence[int]) -> Location:
    """Return a location whose slices are counted over the whole head, also over those that were not scored."""
    first, last = (numbers[at - 1] for at in (location.from_slice, location.to_slice))
    return location._replace(from_slice=first, to_slice=last)


def _spread(suspicious: Sequence[int], most: int) -> list[int]:
    """Return at most `MAPS` of the suspicious slices in order: evenly spread, but the nearest to `most` is that."""
    places = np.unique(np.linspace(0, len(suspicious) - 1, MAPS).round().astype(int))
    chosen = [suspicious[place] for place in places]
    chosen[int(np.argmin(np.abs(np.subtract(chosen, most))))] = most
    return chosen


def _side(maps: Sequence[HeatMap], weights: Sequence[float], edges: tuple[str, str] | None) -> str:
    """Return the patient's side; "" where the file does not say which side of the slice is which."""
    if edges not in (_USUAL, _USUAL[::-1]):
        return ""
    found = seen_side(maps, weights)
    return found if edges == _USUAL else _MIRRORED.get(found, found)


def _hu(heat_map: HeatMap, seen: SlicePixels) -> float | None:
    if seen.intensity is not Intensity.HU:
        return None
    return mean_hu(seen.pixels, heat_map.restored(heat_map.heat, seen.pixels.shape))
