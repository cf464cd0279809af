"""Which slices the included weights were trained on, so that none of them judges what these weights are worth.

Their training slices are of public data sets, which others prepare too. A slice is recognised by its name in the RSNA
challenge, whatever the format of the image, or by its thumbnail. A copy that has another name and is rotated, mirrored
or shown through a wide window is not recognised.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.near_duplicates import near_any
from bundle.datalist.schema import Row
from bundle.errors import InputError

ALIKE = 0.995
"""Correlation of thumbnails from which on a slice counts as known. It is that of 97 of 98 DICOM slices in HU with their
pictures through the brain window, of 96 through 35/80 as JPEG of half the size, of 55 through 40/150, and of none of
911 slices of other patients with the training slices. A slice that is wrongly taken for a known one only moves its
patient to the training section, so the limit is lower than `bundle.datalist.leakage.SAME`."""

TRAINING_SLICES = Path(__file__).parents[2] / "models" / "training_slices.npz"


class Seen(NamedTuple):
    """What is known of the slices that the included weights were trained on."""

    names: frozenset[str]
    """Names of slices of the RSNA challenge, as ``ID_0123abcde``."""
    thumbnails: NDArray[np.int8]
    """Of all slices, [n, 256], as `bundle.datalist.Fingerprint.thumbnail`."""


def read_seen(path: Path | str = TRAINING_SLICES) -> Seen:
    """Read the file that lies beside the included weights.

    Raises:
        InputError: when it is missing or broken.

    Example:
        >>> read_seen().thumbnails.shape[1]
        256
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return Seen(frozenset(file["names"].tolist()), file["thumbnails"].astype(np.int8, casting="no"))
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise InputError(
            "does not say which slices the included weights were trained on",
            "restore it from the bundle",
            path,
        ) from error


def find_seen(rows: Sequence[Row], seen: Seen, thumbnails: NDArray[np.int8] | None = None) -> NDArray[np.bool_]:
    """Return for each row whether the included weights were trained on its slice, [n].

    Args:
        rows: with ``image``, and ``seen`` where it was found before.
        seen: see `read_seen`.
        thumbnails: of the first rows, or of all; the others are recognised by their names alone.

    Example:
        >>> thumbnails = 127 * np.eye(3, 256, dtype=np.int8)
        >>> rows = [{"image": "a.png"}, {"image": "b.png"}, {"image": "images/ID_0123abcde.dcm"}]
        >>> find_seen(rows, Seen(frozenset(["ID_0123abcde"]), thumbnails[1:]), thumbnails[:2])
        array([False,  True,  True])
    """
    known = (row.get("seen", False) or PurePosixPath(row["image"]).stem in seen.names for row in rows)
    found = np.fromiter(known, dtype=bool, count=len(rows))
    if thumbnails is not None:
        found[: len(thumbnails)] |= near_any(thumbnails, seen.thumbnails, ALIKE)
    return found
