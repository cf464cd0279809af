"""One DICOM slice → HU (CT) or raw values (MR)."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.readers.codecs import stored_values
from bundle.readers.dicom_header import decimals, dicom_affine, modality, open_dicom, quiet_pydicom, reason
from bundle.readers.hounsfield import stored_range, stored_to_hu
from bundle.readers.meta import image_meta


def read_dicom_slice(path: Path) -> tuple[np.ndarray, dict[str, Any]]:
    """Return a DICOM slice, [H, W] float32, and its meta.

    CT is in HU, see `bundle.readers.stored_to_hu`. MR has its stored values, rescaled where the header says so, and
    shown bright side up (MONOCHROME1 is inverted). Uncompressed, deflated, RLE, JPEG, JPEG lossless, JPEG-LS and
    JPEG 2000 transfer syntaxes are decoded by pydicom's plugins.

    Raises:
        InputError: when the file is not one slice that can be scored, see `open_dicom`, or cannot be decoded.
    """
    with quiet_pydicom():
        dataset = open_dicom(path)
        array = decode(dataset, path)
        kind = modality(dataset)
        intensity = Intensity.HU if kind == "CT" else Intensity.ARBITRARY
        return array, image_meta(array, dicom_affine(dataset, path), intensity, kind)


def decode(dataset: pydicom.Dataset, path: Path) -> np.ndarray:
    """Return the values of a slice's dataset, [H, W] float32: HU of a CT, rescaled stored values of an MR.

    Raises:
        InputError: when the pixel data cannot be decoded, or the rescale is unusable.
    """
    try:
        bits, signed = int(dataset.BitsStored), bool(dataset.PixelRepresentation)
        stored = stored_values(dataset, bits, signed)
    except Exception as error:  # each codec fails in its own way
        syntax = getattr(dataset.file_meta.get("TransferSyntaxUID"), "name", "unknown transfer syntax")
        raise InputError(
            f"{path} has pixels that cannot be decoded ({syntax}: {reason(error)}); export it again uncompressed"
        ) from error
    (slope,) = decimals(dataset, "RescaleSlope", path, (1.0,))
    (intercept,) = decimals(dataset, "RescaleIntercept", path, (0.0,))
    if slope == 0:
        raise InputError(f"{path} has a RescaleSlope of 0, which leaves no image; correct it or export it again")
    inverted = dataset.PhotometricInterpretation == "MONOCHROME1"
    if modality(dataset) == "CT":
        return stored_to_hu(
            stored,
            bits=bits,
            signed=signed,
            slope=slope,
            intercept=intercept,
            padding=_padding(dataset, path, bits, signed),
            inverted=inverted,
        )
    values = stored.astype(np.float32)
    if inverted:
        values = sum(stored_range(bits, signed)) - values
    return values * np.float32(slope) + np.float32(intercept)


def _padding(dataset: pydicom.Dataset, path: Path, bits: int, signed: bool) -> tuple[int, int] | None:
    """Return PixelPaddingValue to PixelPaddingRangeLimit, wrapped to the range of stored values.

    Writers confuse the two kinds of 16 bits here: 63536 in a signed image is -2000.
    """
    try:
        first = dataset.get("PixelPaddingValue")
        if first is None:
            return None
        last = dataset.get("PixelPaddingRangeLimit")
        low, _ = stored_range(bits, signed)
        ends = [low + (int(value) - low) % (1 << bits) for value in (first, first if last is None else last)]
    except Exception as error:  # pydicom parses the value here, and a damaged one fails in any way
        raise InputError(f"{path} has an unreadable PixelPaddingValue ({reason(error)}); correct it") from error
    return min(ends), max(ends)
