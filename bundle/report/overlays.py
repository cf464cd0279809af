"""The Grad-CAM overlays of an evaluation: which picture belongs to which slice."""

import re
from pathlib import Path

from bundle.errors import InputError

_PNG = b"\x89PNG\r\n\x1a\n"
_NAME = re.compile(r"line_(\d+)\.png")


def overlay_path(folder: Path | str, index: int) -> Path:
    """Return where the overlay of slice `index` (from 0, as given to `write_predictions`) belongs.

    It is ``<folder>/gradcam/line_<line>.png``, by the slice's line in predictions.csv, so that the name says nothing
    of the patient.
    """
    return Path(folder) / "gradcam" / f"line_{index + 2:06d}.png"


def find_overlays(folder: Path | str) -> dict[int, Path]:
    """Return the overlays of an evaluation folder: line in predictions.csv → file, in order of the lines.

    Raises:
        InputError: when a file is named otherwise, or is not a PNG image.
    """
    overlays = {}
    for path in (Path(folder) / "gradcam").glob("*.png"):
        name = _NAME.fullmatch(path.name)
        if name is None:
            raise InputError(f"{path} is not named as line_<line in predictions.csv>.png; rename or remove it")
        if path.read_bytes()[: len(_PNG)] != _PNG:
            raise InputError(f"{path} is not a PNG image; evaluate again or remove it")
        overlays[int(name[1])] = path
    return dict(sorted(overlays.items()))
