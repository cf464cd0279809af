"""One DICOM slice → HU (CT) or raw values (MR)."""

from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.readers.codecs import stored_values
from bundle.readers.dicom_file import open_dicom
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import quiet_pydicom, reason
from bundle.readers.hounsfield import TWO_BYTES, stored_range, stored_to_hu
from bundle.readers.meta import image_meta


def read_dicom_slice(path: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """Return a DICOM slice, [H, W] float32, and its meta.

    CT is in HU, see `bundle.readers.stored_to_hu`. MR has its stored values, rescaled where the header says so, and
    shown bright side up (MONOCHROME1 is inverted). Uncompressed, deflated, RLE, JPEG, JPEG lossless, JPEG-LS and
    JPEG 2000 transfer syntaxes are decoded by pydicom's plugins.

    Raises:
        InputError: when the file is not one slice that can be scored, see `open_dicom`, or cannot be decoded.
    """
    dicom = open_dicom(path)
    array = decode(dicom)
    return array, image_meta(array, dicom.affine, dicom.intensity, dicom.modality)


def decode(dicom: DicomSlice) -> np.ndarray:
    """Return the values of a slice, [H, W] float32: HU of a CT, rescaled stored values of an MR.

    Raises:
        InputError: when the pixel data cannot be decoded, or the rescale is unusable.
    """
    dataset = dicom.dataset
    try:
        with quiet_pydicom():
            bits, signed = int(dataset.BitsStored), bool(dataset.PixelRepresentation)
            stored = stored_values(dataset, bits, signed)
    except Exception as error:  # each codec fails in its own way
        syntax = getattr(dataset.file_meta.get("TransferSyntaxUID"), "name", "unknown transfer syntax")
        problem = f"has pixels that cannot be decoded ({syntax}: {reason(error)})"
        raise InputError(problem, "export it again uncompressed", dicom.path) from error
    (slope,) = dicom.decimals("RescaleSlope", (1.0,))
    (intercept,) = dicom.decimals("RescaleIntercept", (0.0,))
    if slope == 0:
        problem = "has a RescaleSlope of 0, which leaves no image"
        raise InputError(problem, "correct it or export it again", dicom.path)
    inverted = dicom.text("PhotometricInterpretation") == "MONOCHROME1"
    if dicom.modality == "CT":
        return stored_to_hu(
            stored,
            bits=bits,
            signed=signed,
            slope=slope,
            intercept=intercept,
            padding=_padding(dicom, bits, signed),
            inverted=inverted,
        )
    values = stored.astype(np.float32)
    if inverted:
        values = sum(stored_range(bits, signed)) - values
    return values * np.float32(slope) + np.float32(intercept)


def _padding(dicom: DicomSlice, bits: int, signed: bool) -> tuple[int, int] | None:
    """Return PixelPaddingValue to PixelPaddingRangeLimit, or None where no stored value or too many would be in it.

    Writers confuse the two kinds of 16 bits here: 63536 in a signed image is -2000. What is in no image of so many bits
    stands for nothing, and a range from the negative to the positive, such as 63536 to 0 in an unsigned image, would
    take the head with it.
    """
    try:
        with quiet_pydicom():
            first = dicom.dataset.get("PixelPaddingValue")
            if first is None:
                return None
            last = dicom.dataset.get("PixelPaddingRangeLimit")
        low, high = stored_range(16, signed)  # of US and SS, whatever BitsAllocated is
        ends = sorted(low + (int(value) - low) % TWO_BYTES for value in (first, first if last is None else last))
    except Exception as error:  # pydicom parses the value here, and a damaged one fails in any way
        raise InputError(f"has an unreadable PixelPaddingValue ({reason(error)})", "correct it", dicom.path) from error
    if ends[0] < (low + high + 1) // 2 < ends[1]:
        return None
    low, high = stored_range(bits, signed)
    return (ends[0], ends[1]) if low <= ends[0] and ends[1] <= high else None
