"""Open a DICOM file and check that it is one slice that can be scored."""

import logging
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.errors import InvalidDicomError
from pydicom.tag import Tag
from pydicom.uid import UID, CTImageStorage, DeflatedExplicitVRLittleEndian, MRImageStorage

from bundle.errors import InputError
from bundle.readers.geometry import AXIAL, slice_affine, slice_position

TAGS = {
    keyword: Tag(keyword)
    for keyword in (
        *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "ImageType"),
        *("PatientID", "PatientAge", "PatientSex", "Manufacturer"),
        *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"),
        *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated"),
        *("RescaleSlope", "RescaleIntercept", "PixelData"),
    )
}
"""What is read of a header: neither names nor dates. Looked up once, because pydicom takes longer to find a keyword's
tag than to read its element."""

_LARGE = 4096

_DEFERRED = {"keep_deferred": True} if int(pydicom.__version_info__[0]) > 2 else {}
"""pydicom 2.4, which MONAI Label needs, cannot help reading the pixels to say how long they are."""

# pydicom sends each of its warnings to its logger too, where one about an odd UID would be repeated for every slice.
logging.getLogger("pydicom").setLevel(logging.ERROR)


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence pydicom's warnings about values that break the standard but do no harm here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"pydicom\b")
        yield


def open_dicom(path: Path, header_only: bool = False) -> pydicom.Dataset:
    """Return the dataset of a DICOM slice that can be scored.

    Args:
        path: the file.
        header_only: whether to read `TAGS` alone, and of the pixel data only how long it is.

    Raises:
        InputError: when the file is no DICOM file, holds no complete pixel data, is a localizer, in colour, of several
            frames, or of a modality other than CT and MR, or is a CT without rescale to HU.
    """
    options: dict[str, Any] = {"specific_tags": list(TAGS.values()), "defer_size": _LARGE} if header_only else {}
    try:
        dataset = pydicom.dcmread(path, **options)
    except InvalidDicomError as error:
        raise InputError(f"{path} is not a DICOM file (no DICM prefix); leave it out or export it again") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); check the file") from error
    except Exception as error:  # a damaged file makes pydicom's parser fail in any way
        raise InputError(f"{path} is a damaged DICOM file ({reason(error)}); copy or export it again") from error
    try:
        _check(dataset, path)
    except InputError:
        raise
    except Exception as error:  # as above: values are parsed when they are first used
        raise InputError(f"{path} has a damaged header ({reason(error)}); copy or export it again") from error
    return dataset


def modality(dataset: pydicom.Dataset) -> str:
    """Return Modality, or where it is absent what the SOP class says, or ""."""
    by_class = {CTImageStorage: "CT", MRImageStorage: "MR"}
    return _text(dataset, "Modality") or by_class.get(UID(_text(dataset, "SOPClassUID")), "")


def dicom_affine(dataset: pydicom.Dataset, path: Path) -> np.ndarray:
    """Return the 4×4 affine of a slice (RAS mm); what its header leaves out is axial, at the origin, 1 mm.

    Raises:
        InputError: when a value is there but cannot be used.
    """
    orientation = decimals(dataset, "ImageOrientationPatient", path, AXIAL)
    position = decimals(dataset, "ImagePositionPatient", path, (0.0, 0.0, 0.0))
    spacing = decimals(dataset, "PixelSpacing", path, (1.0, 1.0))
    (thickness,) = decimals(dataset, "SliceThickness", path, (1.0,))
    if min(spacing) <= 0:
        raise InputError(f"{path} has the PixelSpacing {spacing}, which must be positive; correct it")
    try:
        return slice_affine(orientation, position, spacing, abs(thickness) or 1.0)
    except ZeroDivisionError as error:
        raise InputError(
            f"{path} has the ImageOrientationPatient {orientation}, no two directions; correct it"
        ) from error


def dicom_position(dataset: pydicom.Dataset, path: Path) -> float | None:
    """Return how far along its normal a slice lies, in mm from inferior to superior, or None when it does not say.

    Raises:
        InputError: as `dicom_affine`.
    """
    affine = dicom_affine(dataset, path)
    return None if _value(dataset, "ImagePositionPatient") is None else slice_position(affine)


def text(dataset: pydicom.Dataset, keyword: str, path: Path) -> str:
    """Return an element as text, "" when absent or empty.

    Raises:
        InputError: when it is damaged.
    """
    try:
        return _text(dataset, keyword)
    except Exception as error:  # as in open_dicom: values are parsed when they are first used
        raise InputError(f"{path} has a damaged {keyword} ({reason(error)}); copy or export it again") from error


def decimals(dataset: pydicom.Dataset, keyword: str, path: Path, default: tuple[float, ...]) -> tuple[float, ...]:
    """Return the values of a Decimal String, or `default`, which has as many, where it is absent or empty.

    Raises:
        InputError: when there are more or fewer values, or one is no finite number.
    """
    value = _value(dataset, keyword)
    if value is None:
        return default
    try:
        if isinstance(value, bytes):  # as in the file: pydicom's own type takes as much time as the whole image
            values = tuple(map(float, value.rstrip(b"\0").split(b"\\")))
        else:
            values = tuple(map(float, np.atleast_1d(value)))
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} has an unreadable {keyword} ({reason(error)}); correct it") from error
    if len(values) != len(default) or not all(map(math.isfinite, values)):
        raise InputError(f"{path} has the {keyword} {values}, not {len(default)} finite number(s); correct it")
    return values


def reason(error: Exception) -> str:
    """Return the first line of an error's text without its full stop, to go into a sentence.

    Of a text with bytes in it, the error's name alone: they can be what a wrong length made of a patient's name.
    """
    text = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return text if text.isprintable() and "\\x" not in text else type(error).__name__


def _code(value: object) -> str:
    """Return a Code String to go into a sentence, unless it is damaged, see `reason`."""
    text = str(value or "unknown")
    return text if re.fullmatch(r"[A-Za-z0-9_ ]{1,16}", text) else "unreadable"


def _value(dataset: pydicom.Dataset, keyword: str) -> Any:
    """Return an element's value, bytes as long as nobody had pydicom parse it, or None when absent or empty."""
    element = dataset.get_item(TAGS.get(keyword, keyword))
    return None if element is None or element.value in (None, b"", "") else element.value


def _text(dataset: pydicom.Dataset, keyword: str) -> str:
    """Return an element as text, without pydicom's parser, which takes longer than reading it, where it is ASCII."""
    value = _value(dataset, keyword)
    if value is None:
        return ""
    if isinstance(value, bytes) and value.isascii() and b"\x1b" not in value:  # ISO 2022 escapes to other characters
        return value.decode("ascii").strip(" \0")
    return str(dataset.get(keyword) or "")


def _unsigned(dataset: pydicom.Dataset, keyword: str) -> int:
    """Return an Unsigned Short, 0 when absent or empty; like `_text`, without pydicom's parser."""
    element = dataset.get_item(TAGS[keyword])
    if isinstance(element, RawDataElement) and element.value is not None and len(element.value) == 2:
        return int.from_bytes(element.value, "little" if element.is_little_endian else "big")
    return int(dataset.get(keyword) or 0)


def _check(dataset: pydicom.Dataset, path: Path) -> None:
    kind = modality(dataset)
    if TAGS["Rows"] not in dataset or TAGS["PixelData"] not in dataset:
        raise InputError(f"{path} (modality {_code(kind)}) has no complete pixel data; leave it out, or copy it again")
    if kind not in ("CT", "MR"):
        raise InputError(f"{path} has the modality {_code(kind)}; give CT or MR of the head")
    if "LOCALIZER" in _text(dataset, "ImageType"):
        raise InputError(f"{path} is a scout (ImageType LOCALIZER); leave it out")
    colours, photometric = _unsigned(dataset, "SamplesPerPixel") or 1, _text(dataset, "PhotometricInterpretation")
    if colours != 1 or photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise InputError(f"{path} is a colour picture or capture ({_code(photometric)}); leave it out")
    if (frames := int(_text(dataset, "NumberOfFrames") or 1)) != 1:
        raise InputError(f"{path} has {frames} frames; convert it to one file a slice")
    if kind == "CT":
        for keyword in ("RescaleIntercept", "RescaleSlope"):
            # Type 1 in the CT Image module: with a guess air could be 0 HU, and a bleed anything.
            if _value(dataset, keyword) is None:
                raise InputError(f"{path} is a CT without {keyword}, so its HU are unknown; export it again with it")
    _check_length(dataset, path)


def _check_length(dataset: pydicom.Dataset, path: Path) -> None:
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None or syntax.is_encapsulated:
        return
    pixels = dataset.get_item(TAGS["PixelData"], **_DEFERRED)
    if not isinstance(pixels, RawDataElement):  # read and decoded before
        return
    if pixels.value is not None:
        there = len(pixels.value)
    elif syntax == DeflatedExplicitVRLittleEndian:
        there = pixels.length
    else:
        there = min(pixels.length, path.stat().st_size - pixels.value_tell)
    needed = math.prod(_unsigned(dataset, keyword) for keyword in ("Rows", "Columns", "BitsAllocated")) // 8
    if there < needed:
        raise InputError(f"{path} is cut short, with {there} of {needed} bytes of pixels; copy or export it again")
