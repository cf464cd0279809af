"""Pictures of slices with the heat map of their likeliest bleed."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from bundle.explain import Explainer
from bundle.files import writable_folder, written_whole
from bundle.predictions import Predictions, likeliest_bleed

logger = logging.getLogger(__name__)

_LONGEST = 200
"""Bytes of a name; file systems take 255, some of which the writing needs."""
_KEPT, _DIGITS = 40, 12
"""Characters of a shortened name, from its end, and of the digest after them."""


def draw_overlays(
    folder: Path | str, explainer: Explainer, indices: Sequence[int], predictions: Predictions, names: Sequence[str]
) -> list[str]:
    """Write the overlays of slices as PNG, in the geometry of their files, and return the names of those written.

    One that cannot be written is logged, and costs nothing else.

    Args:
        folder: of the pictures, made when absent.
        explainer: of all slices.
        indices: of those to draw.
        predictions: of those to draw.
        names: of the pictures.

    Raises:
        InputError: when the folder cannot be written; see also `Explainer.explain`.
    """
    folder = writable_folder(folder)
    classes = [likeliest_bleed(each, predictions.task) for each in predictions.probabilities]
    written = []
    for name, explanation in zip(names, explainer.explain(indices, classes), strict=True):
        try:
            with written_whole(folder / name) as part:
                Image.fromarray(explanation.overlay()).save(part, format="PNG")
        except OSError as error:
            logger.warning("The overlay %s could not be written (%s).", name, error.strerror)
        else:
            written.append(name)
    return written


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
