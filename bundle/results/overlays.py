"""Pictures of slices with the heat map of their likeliest bleed."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bundle.files import writable_folder, written_whole
from bundle.pictures import FOR_RESEARCH, Explainer, draw_captions, slice_captions
from bundle.predictions import Predictions, likeliest_bleed
from bundle.readers import SlicePixels
from bundle.readers.geometry import screen_sides
from bundle.results.records import Record, members_of_series

logger = logging.getLogger(__name__)

_LONGEST = 200
"""Bytes of a name; file systems take 255, some of which the writing needs."""
_KEPT, _DIGITS = 40, 12
"""Characters of a shortened name, from its end, and of the digest after them."""


def draw_overlays(
    folder: Path | str,
    explainer: Explainer,
    indices: Sequence[int],
    predictions: Predictions,
    records: Sequence[Record],
    chosen: Sequence[int],
) -> dict[int, str]:
    """Write the overlays of slices as PNG, in the geometry of their files, with captions.

    One that cannot be written is logged, and costs nothing else.

    Args:
        folder: of the pictures, made when absent.
        explainer: of all rows.
        indices: of the rows of the slices to draw.
        predictions: of the slices to draw.
        records: of all slices that were scored.
        chosen: indices of the slices to draw in `records`.

    Returns:
        Index in `records` → name of the picture, of those written.

    Raises:
        InputError: when the folder cannot be written; see also `bundle.pictures.Explainer`.
    """
    folder = writable_folder(folder)
    names = overlay_names([records[index] for index in chosen])
    pictures = captioned_overlays(explainer, indices, predictions, records, chosen)
    written = {}
    for index, name, picture in zip(chosen, names, pictures, strict=True):
        try:
            with written_whole(folder / name) as part:
                Image.fromarray(picture).save(part, format="PNG")
        except OSError as error:
            logger.warning("The overlay %s could not be written (%s).", name, error.strerror)
        else:
            written[index] = name
    return written


def captioned_overlays(
    explainer: Explainer,
    indices: Sequence[int],
    predictions: Predictions,
    records: Sequence[Record],
    chosen: Sequence[int],
    note: str = FOR_RESEARCH,
    verdict: Sequence[str] = (),
) -> Iterator[np.ndarray]:
    """Yield the overlays of slices with captions, [H, W, 3] uint8 each; for the arguments see `draw_overlays`.

    Args:
        explainer: as the next.
        indices: the same.
        predictions: the same.
        records: the same.
        chosen: the same.
        note: what the pictures are for.
        verdict: on the head, see `bundle.pictures.Captions`.
    """
    classes = [likeliest_bleed(each, predictions.task) for each in predictions.probabilities]
    numbers = slice_numbers(explainer.rows)
    for place, index, heat_map in zip(indices, chosen, explainer.explain(indices, classes), strict=True):
        seen = heat_map.read()
        captions = slice_captions(records[index], sides_of(heat_map.row, seen), *numbers[place])
        yield draw_captions(heat_map.over(seen), captions._replace(verdict=verdict), note)


def sides_of(row: Mapping[str, Any], seen: SlicePixels) -> tuple[str, str] | None:
    """Return the letters of the patient's sides at the left and right edge of a slice; None where they are unknown.

    They are unknown where the file does not say how the patient lay, as in pictures and in NIfTI whose qform_code and
    sform_code are 0.

    Args:
        row: of the slice.
        seen: the slice as it was read.
    """
    return screen_sides(seen.affine) if row.get("orientation") else None


def slice_numbers(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Return the number of each slice in its series, from 1 in the order of the rows, and how many there are.

    Args:
        rows: of all slices, also those that could not be scored, so that a slice has the number that a viewer of the
            whole series gives it, and in a volume that of its index.
    """
    numbers = [(0, 0)] * len(rows)
    for members in members_of_series(rows):
        for number, index in enumerate(members, 1):
            numbers[index] = number, len(members)
    return numbers


def overlay_names(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of slices' pictures: the image with its folders, and the number in a volume.

    Where that is longer than a file's name may be, or two slices would have the same, a part of its SHA-256 takes the
    place of the rest.
    """
    wanted = [_name(record) for record in records]
    return [
        f"{name}.png" if len(name.encode()) <= _LONGEST and wanted.count(name) == 1 else f"{_shortened(record)}.png"
        for name, record in zip(wanted, records, strict=True)
    ]


def _name(record: Mapping[str, Any]) -> str:
    suffix = f"_{record['slice']}" if record["slice"] != "" else ""
    return f"{record['image'].replace('/', '_')}{suffix}"


def _shortened(record: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(f"{record['image']}/{record['slice']}".encode()).hexdigest()[:_DIGITS]
    return f"{_name(record)[-_KEPT:]}_{digest}"
