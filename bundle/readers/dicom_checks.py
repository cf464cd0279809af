"""What a DICOM file must be to be scored: one complete slice in grey, of CT in HU or of MR."""

import math
import re

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.uid import DeflatedExplicitVRLittleEndian, MediaStorageDirectoryStorage

from bundle.errors import InputError, NoImage
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import TAGS
from bundle.readers.limits import check_pixels

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_NO_IMAGES = (
    ("a selection of key objects", ("KO",), (f"{_STORAGE}88.59",)),
    ("a structured report", ("SR",), (f"{_STORAGE}88.",)),
    ("a presentation state", ("PR",), (f"{_STORAGE}11.",)),
    ("an encapsulated document", ("DOC",), (f"{_STORAGE}104.",)),
    ("a registration, a segmentation or raw data", ("REG", "SEG", "RAW"), (f"{_STORAGE}66",)),
    ("a plan, a dose or structures of radiotherapy", ("RTPLAN", "RTSTRUCT", "RTRECORD"), (f"{_STORAGE}481.",)),
    ("a waveform", ("ECG", "HD", "AU"), (f"{_STORAGE}9.",)),
)
"""Objects without an image that lie beside the images of a study: what they are, by Modality, and by the beginning of
their SOP class (PS3.4, B.5)."""

_DEFERRED = {"keep_deferred": True} if int(pydicom.__version_info__[0]) > 2 else {}
"""pydicom 2.4, which MONAI Label needs, cannot help reading the pixels to say how long they are."""


def check_slice(dicom: DicomSlice) -> None:
    """Check that a slice can be scored, by its header and the length of its pixel data.

    Raises:
        NoImage: when it is an object that holds none, as a report.
        InputError: when it holds no complete pixel data, has more pixels than any head CT, is a localizer, in colour,
            of several frames, or of a modality other than CT and MR, or is a CT without rescale to HU.
    """
    if kind := _without_image(dicom):
        raise NoImage(f"is {kind}, which holds no image", file=dicom.path)
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
    check_pixels(math.prod(dicom.shape), dicom.path)
    _check_length(dicom)


def _without_image(dicom: DicomSlice) -> str:
    """Return what kind of object without an image a file is, "" for an image."""
    stored = dicom.text("SOPClassUID") or str(dicom.dataset.file_meta.get("MediaStorageSOPClassUID", ""))
    if stored == MediaStorageDirectoryStorage:
        return "an index of files (DICOMDIR)"
    for kind, modalities, classes in _NO_IMAGES:
        if stored.startswith(classes) or (dicom.modality in modalities and TAGS["PixelData"] not in dicom.dataset):
            return kind
    return ""


def _check_length(dicom: DicomSlice) -> None:
    syntax = dicom.dataset.file_meta.get("TransferSyntaxUID")
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
    needed = math.prod((*dicom.shape, dicom.unsigned("BitsAllocated"))) // 8
    if there < needed:
        problem = f"is cut short, with {there} of {needed} bytes of pixels"
        raise InputError(problem, "copy or export it again", dicom.path)


def _code(text: str) -> str:
    """Return a Code String to go into a sentence, unless it is damaged, see `bundle.readers.dicom_values.reason`."""
    text = text or "unknown"
    return text if re.fullmatch(r"[A-Za-z0-9_ ]{1,16}", text) else "unreadable"
