"""Which format a file is in, by its name, and for names that say nothing by its first bytes."""

import re
from enum import Enum, auto
from pathlib import Path

from bundle.errors import InputError

DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
NIFTI_SUFFIXES = (".nii", ".nii.gz")
RASTER_SUFFIXES = (".png", ".jpg", ".jpeg")
DICOMDIR = "dicomdir"
"""Name of an index of DICOM files (PS3.10, 8.6), in lower case."""


_DATA_SET = re.compile(
    # The length of the group, or the first elements of the identification: character set, image type, date, UID.
    rb"\x02\x00[\x00-\x02]\x00(UL\x04\x00|OB\x00\x00)"
    rb"|\x08\x00[\x00\x01\x05\x08\x12\x16]\x00(UL\x04\x00|CS.\x00|DA.\x00|UI.\x00|.\x00\x00\x00)",
    re.DOTALL,
)


class Format(Enum):
    """Format of an image file."""

    DICOM = auto()
    NIFTI = auto()
    RASTER = auto()


def image_format(path: Path) -> Format | None:
    """Return the format of a file, or None for what is no image.

    A file of any other name is DICOM when it begins as PS3.10 files do, with 128 bytes of preamble, then "DICM"; or
    when it begins with the first elements of a data set that was stored without these. A DICOMDIR begins so too, but is
    an index. What is no regular file, as a named pipe, is never opened.
    """
    name = path.name.lower()
    if name.endswith(NIFTI_SUFFIXES):
        return Format.NIFTI
    if name.endswith(RASTER_SUFFIXES):
        return Format.RASTER
    if name.endswith(DICOM_SUFFIXES):
        return Format.DICOM
    if name == DICOMDIR or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:
        return None
    return Format.DICOM if start[128:] == b"DICM" or begins_as_data_set(start) else None


def begins_as_data_set(start: bytes) -> bool:
    """Return whether bytes are the beginning of a DICOM data set without preamble: of group 2 or 8 (PS3.5, 7.1)."""
    return _DATA_SET.match(start) is not None


def require_content(path: Path) -> None:
    """Check that a file is there, a file, and not empty.

    Raises:
        InputError: when it is not.
    """
    if path.is_dir():
        raise InputError("is a folder", "give each image in it by itself", path)
    if not path.is_file():
        raise InputError("does not exist or is not a file", "correct the path", path)
    if path.stat().st_size == 0:
        raise InputError("is empty (0 bytes)", "copy or export it again", path)


def require_format(path: Path) -> Format:
    """Return the format of an image file.

    Raises:
        InputError: when the file is absent, empty or no image.
    """
    require_content(path)
    found = image_format(path)
    if found is None:
        known = ", ".join(DICOM_SUFFIXES + NIFTI_SUFFIXES + RASTER_SUFFIXES)
        raise InputError("is no image of a known format", f"give DICOM of any name, or {known}", path)
    return found


def dicom_files(folder: Path) -> list[Path]:
    """Return the DICOM files in `folder` itself, sorted by name, hidden files left out."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))
    return [path for path in files if image_format(path) is Format.DICOM]
