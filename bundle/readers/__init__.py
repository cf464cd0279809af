"""Read head images: DICOM slice or series, NIfTI volume, PNG or JPEG.

**Orientation.** An array is what a radiologist sees on the screen: axis 0 is the row from top to bottom, axis 1 the
column from left to right, axis 2 of a volume the slice from inferior to superior. DICOM and raster images keep the
order of their pixels; NIfTI is reoriented to the axis codes ("P", "L", "S"), so that row 0 is anterior and column 0 is
the patient's right. An overlay saved from an array therefore shows the image as it was read, and nothing downstream
transposes.

**Meta.** `affine` takes (row, column, slice) to RAS world coordinates in mm, one index after the other as in the
array; `intensity` is a value of `bundle.intensity.Intensity`, `modality` is "CT", "MR" or "" for unknown. Nothing in
it identifies a person.
"""

from typing import TYPE_CHECKING, Any

from bundle.readers.dicom_pixels import read_dicom_slice
from bundle.readers.dicom_series import read_dicom_series
from bundle.readers.hounsfield import AIR, stored_to_hu
from bundle.readers.nifti import read_nifti
from bundle.readers.raster import read_raster
from bundle.readers.row_slice import SlicePixels, read_slice

if TYPE_CHECKING:
    from bundle.readers.head_image import HeadImageReader

__all__ = [
    "AIR",
    "HeadImageReader",
    "SlicePixels",
    "read_dicom_series",
    "read_dicom_slice",
    "read_nifti",
    "read_raster",
    "read_slice",
    "stored_to_hu",
]


def __getattr__(name: str) -> Any:
    # Imported when it is first asked for: it imports MONAI, which takes seconds that reading a header need not.
    if name == "HeadImageReader":
        from bundle.readers.head_image import HeadImageReader

        return HeadImageReader
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
