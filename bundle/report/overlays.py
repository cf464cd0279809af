"""The overlays of an evaluation: which picture belongs to which slice."""

import re
from collections.abc import Sequence
from pathlib import Path

from bundle.errors import InputError
from bundle.predictions import FIRST_LINE

_PNG = b"\x89PNG\r\n\x1a\n"
_NAME = re.compile(r"line_(\d+)\.png")
_REMEDY = "evaluate again or remove it"


def overlay_path(folder: Path | str, index: int) -> Path:
    """Return where the overlay of slice `index` (from 0, as given to `write_predictions`) belongs.

    It is ``<folder>/gradcam/line_<line>.png``, by the slice's line in predictions.csv, so that the name says nothing
    of the patient.
    """
    return Path(folder) / "gradcam" / f"line_{index + FIRST_LINE:06d}.png"


def find_overlays(folder: Path | str, lines: Sequence[int]) -> dict[int, Path]:
    """Return the overlays of an evaluation folder: line in predictions.csv → file, in order of the lines.

    Args:
        folder: the evaluation folder.
        lines: the lines that hold a slice.

    Raises:
        InputError: when a file is not named by one of the lines, or is not a PNG image.
    """
    overlays = {}
    for path in (Path(folder) / "gradcam").glob("*.png"):
        name = _NAME.fullmatch(path.name)
        if name is None or int(name[1]) not in lines:
            raise InputError("is not named by a slice's line in predictions.csv", _REMEDY, path)
        if path.read_bytes()[: len(_PNG)] != _PNG:
            raise InputError("is not a PNG image", _REMEDY, path)
        overlays[int(name[1])] = path
    return dict(sorted(overlays.items()))
