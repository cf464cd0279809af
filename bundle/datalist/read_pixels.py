"""The fingerprints of many rows."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.fingerprint import SIDE, read_fingerprints, unpack
from bundle.datalist.schema import Row
from bundle.errors import InputError
from bundle.parallel import map_files


class Pixels(NamedTuple):
    """What the images of n rows hold."""

    digests: list[str]
    """`bundle.datalist.Fingerprint.digest` of each row, "" for one whose image cannot be used."""
    thumbnails: NDArray[np.int8]
    """`bundle.datalist.Fingerprint.thumbnail` of each row, [n, 256]."""
    problems: dict[int, str]
    """Why, for the rows whose image cannot be used."""


def read_pixels(rows: Sequence[Row], dataset_dir: Path) -> Pixels:
    """Read the images of all rows.

    Args:
        rows: sorted by ``image``; a row of a volume has ``slice``.
        dataset_dir: folder to which the images are relative.
    """
    pixels = Pixels([""] * len(rows), np.zeros((len(rows), SIDE * SIDE), dtype=np.int8), {})
    images = [list(members) for _, members in groupby(range(len(rows)), key=lambda index: rows[index]["image"])]
    files = [dataset_dir / rows[members[0]]["image"] for members in images]
    for file, members, found in zip(
        files, images, map_files(read_fingerprints, files, "comparing images"), strict=True
    ):
        for index in members:
            number = rows[index].get("slice")
            if isinstance(found, InputError):
                pixels.problems[index] = str(found.relative_to(file))
            elif number is None and len(found) > 1:
                pixels.problems[index] = f"is a volume of {len(found)} slices; give each a row with its 'slice'"
            elif (number or 0) >= len(found):
                pixels.problems[index] = f"has no slice {number}; its {len(found)} are numbered from 0"
            else:
                fingerprint = unpack(found[number or 0])
                pixels.digests[index] = fingerprint.digest
                pixels.thumbnails[index] = fingerprint.thumbnail
    return pixels
