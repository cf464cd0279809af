"""Which format a file is in, by its name, and for names that say nothing by its first bytes."""

from enum import Enum, auto
from pathlib import Path

from bundle.errors import InputError

DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
NIFTI_SUFFIXES = (".nii", ".nii.gz")
RASTER_SUFFIXES = (".png", ".jpg", ".jpeg")


class Format(Enum):
    """Format of an image file."""

    DICOM = auto()
    NIFTI = auto()
    RASTER = auto()


def image_format(path: Path) -> Format | None:
    """Return the format of a file, or None for what is no image.

    A file of any other name is DICOM when it begins as PS3.10 files do: 128 bytes of preamble, then "DICM". A DICOMDIR
    begins so too, but is an index.
    """
    name = path.name.lower()
    if name.endswith(NIFTI_SUFFIXES):
        return Format.NIFTI
    if name.endswith(RASTER_SUFFIXES):
        return Format.RASTER
    if name.endswith(DICOM_SUFFIXES):
        return Format.DICOM
    if name == "dicomdir":
        return None
    try:
        with path.open("rb") as file:
            return Format.DICOM if file.read(132)[128:] == b"DICM" else None
    except OSError:
        return None


def require_format(path: Path) -> Format:
    """Return the format of an image file.

    Raises:
        InputError: when the file is absent, empty or no image.
    """
    if not path.is_file():
        raise InputError("does not exist or is not a file", "correct the path", path)
    if path.stat().st_size == 0:
        raise InputError("is empty (0 bytes)", "copy or export it again", path)
    found = image_format(path)
    if found is None:
        known = ", ".join(DICOM_SUFFIXES + NIFTI_SUFFIXES + RASTER_SUFFIXES)
        raise InputError("is no image of a known format", f"give DICOM of any name, or {known}", path)
    return found


def dicom_files(folder: Path) -> list[Path]:
    """Return the DICOM files in `folder` itself, sorted by name, hidden files left out."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))
    return [path for path in files if image_format(path) is Format.DICOM]
