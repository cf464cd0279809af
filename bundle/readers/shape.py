"""The shape of an image, without more reading than it takes."""

from pathlib import Path

from bundle.readers.dicom_file import parse_dicom
from bundle.readers.formats import Format, require_format
from bundle.readers.nifti import open_nifti, screen_geometry
from bundle.readers.raster import read_raster


def read_shape(path: Path) -> list[int]:
    """Return rows and columns of an image as `bundle.readers` reads it, and the slices of a volume of several.

    Of DICOM and NIfTI the header alone is read.

    Raises:
        InputError: when the file is absent, empty, damaged or no image.
    """
    match require_format(path):
        case Format.DICOM:
            return list(parse_dicom(path, header_only=True).shape)
        case Format.NIFTI:
            *plane, depth = screen_geometry(open_nifti(path))[2]
            return plane if depth == 1 else [*plane, depth]
        case Format.RASTER:
            return list(read_raster(path)[0].shape)
