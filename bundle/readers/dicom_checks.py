"""What a DICOM file must be to be scored: one complete slice in grey, of CT in HU or of MR."""

import math
import re

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian

from bundle.errors import InputError
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import TAGS
from bundle.readers.limits import check_pixels

_SYNTAX = Tag("TransferSyntaxUID")
_DEFERRED = {"keep_deferred": True} if int(pydicom.__version_info__[0]) > 2 else {}
"""pydicom 2.4, which MONAI Label needs, cannot help reading the pixels to say how long they are."""


def check_slice(dicom: DicomSlice) -> None:
    """Check that a slice can be scored, by its header and the length of its pixel data.

    Raises:
        InputError: when it holds no complete pixel data, has more pixels than any head CT, is a localizer, in colour,
            of several frames, or of a modality other than CT and MR, or is a CT without rescale to HU.
    """
    if TAGS["Rows"] not in dicom.dataset or TAGS["PixelData"] not in dicom.dataset:
        problem = f"(modality {_code(dicom.modality)}) has no complete pixel data"
        raise InputError(problem, "leave it out, or copy it again", dicom.path)
    if dicom.modality not in ("CT", "MR"):
        raise InputError(f"has the modality {_code(dicom.modality)}", "give CT or MR of the head", dicom.path)
    if "LOCALIZER" in dicom.text("ImageType"):
        raise InputError("is a scout (ImageType LOCALIZER)", "leave it out", dicom.path)
    photometric = dicom.text("PhotometricInterpretation")
    if (dicom.unsigned("SamplesPerPixel") or 1) != 1 or photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise InputError(f"is a colour picture or capture ({_code(photometric)})", "leave it out", dicom.path)
    (frames,) = dicom.decimals("NumberOfFrames", (1.0,))
    if frames != 1:
        raise InputError(f"has {frames:g} frames", "convert it to one file a slice", dicom.path)
    if dicom.modality == "CT":
        for keyword in ("RescaleIntercept", "RescaleSlope"):
            # Type 1 in the CT Image module: with a guess air could be 0 HU, and a bleed anything.
            if not dicom.has(keyword):
                problem = f"is a CT without {keyword}, so its HU are unknown"
                raise InputError(problem, "export it again with it", dicom.path)
    pixels = math.prod(dicom.shape)
    check_pixels(pixels, dicom.path)
    _check_length(dicom, pixels)


def _check_length(dicom: DicomSlice, count: int) -> None:
    meta = dicom.dataset.file_meta
    syntax = meta[_SYNTAX].value if _SYNTAX in meta else None
    if syntax is None or syntax.is_encapsulated:
        return
    pixels = dicom.dataset.get_item(TAGS["PixelData"], **_DEFERRED)
    if not isinstance(pixels, RawDataElement):  # read and decoded before
        return
    if pixels.value is not None:
        there = len(pixels.value)
    elif syntax == DeflatedExplicitVRLittleEndian:
        there = pixels.length
    else:
        there = min(pixels.length, dicom.path.stat().st_size - pixels.value_tell)
    needed = count * dicom.unsigned("BitsAllocated") // 8
    if there < needed:
        problem = f"is cut short, with {there} of {needed} bytes of pixels"
        raise InputError(problem, "copy or export it again", dicom.path)


def _code(text: str) -> str:
    """Return a Code String to go into a sentence, unless it is damaged, see `bundle.readers.dicom_values.reason`."""
    text = text or "unknown"
    return text if re.fullmatch(r"[A-Za-z0-9_ ]{1,16}", text) else "unreadable"
