"""The values of DICOM elements, as bytes where pydicom's parser takes longer than reading them."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag

TAGS = {
    keyword: Tag(keyword)
    for keyword in (
        *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "ImageType"),
        *("PatientID", "PatientAge", "PatientSex", "Manufacturer"),
        *("SeriesDescription", "BodyPartExamined", "ConvolutionKernel", "ContrastBolusAgent"),
        *("AcquisitionNumber", "TemporalPositionIdentifier"),
        *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"),
        *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated"),
        *("RescaleSlope", "RescaleIntercept", "RescaleType", "PixelData"),
    )
}
"""What is read of a header: neither names nor dates. Looked up once, because pydicom takes longer to find a keyword's
tag than to read its element."""


_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
"""Control characters but white space and escapes. A header of an element of a group below 0100 has a NUL in any
transfer syntax, and those of names are."""


class _Nothing(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return False


_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
"""Whether a block stands in another, which has silenced all."""
_LOGGERS = [logging.getLogger(name) for name in ("pydicom", "pydicom.pixels.decoders.base")]
"""All that it logs to when it reads; a filter of the first does not see what is sent to the second."""


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence pydicom's warnings about values that break the standard but do no harm here, and what it logs.

    It logs each warning, and each failure of a decoder with its traceback; what does harm is raised as an error.
    """
    if _quiet.get():
        yield
        return
    nothing, token = _Nothing(), _quiet.set(True)
    for logger in _LOGGERS:
        logger.addFilter(nothing)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"pydicom\b")
            yield
    finally:
        for logger in _LOGGERS:
            logger.removeFilter(nothing)
        _quiet.reset(token)


def read_value(dataset: Dataset, keyword: str) -> Any:
    """Return an element's value, bytes as long as nobody had pydicom parse it, or None when absent or empty."""
    element = dataset.get_item(TAGS.get(keyword, keyword))
    return None if element is None or element.value in (None, b"", "") else element.value


def read_text(dataset: Dataset, keyword: str) -> str:
    """Return an element as text, "" when absent or empty; several values stay joined by backslashes.

    Raises:
        Exception: of any type when the value is damaged, for pydicom's parser fails in any way; a ValueError when it
            holds what no text does, as one does whose wrong length takes in the elements after it, a name among them.
    """
    value = read_value(dataset, keyword)
    if value is None:
        return ""
    if isinstance(value, bytes) and value.isascii() and b"\x1b" not in value:  # ISO 2022 escapes to other characters
        text = value.decode("ascii")
    else:
        with quiet_pydicom():
            parsed = dataset.get(keyword)
        several = parsed if isinstance(parsed, MultiValue) else [parsed]
        if any(isinstance(each, bytes | Sequence | Dataset) for each in several):  # their str shows what is in them
            raise ValueError("it is no text")
        text = "\\".join("" if each is None else str(each) for each in several)
    text = text.lstrip(" ").rstrip(" \0")
    if _NO_TEXT.search(text):
        raise ValueError("it holds control characters")
    return text


def read_decimals(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """Return the values of a Decimal or Integer String, none when absent or empty.

    Raises:
        TypeError, ValueError, OverflowError: when one is no number.
    """
    value = read_value(dataset, keyword)
    if value is None:
        return ()
    if isinstance(value, bytes):  # as in the file: pydicom's own type takes as much time as the whole image
        return tuple(map(float, value.rstrip(b"\0").split(b"\\")))
    return tuple(map(float, np.atleast_1d(value)))


def read_unsigned(dataset: Dataset, keyword: str) -> int:
    """Return an Unsigned Short, 0 when absent or empty.

    Raises:
        Exception: as `read_text`.
    """
    element = dataset.get_item(TAGS.get(keyword, keyword))
    if isinstance(element, RawDataElement) and element.value is not None and len(element.value) == 2:
        return int.from_bytes(element.value, "little" if element.is_little_endian else "big")
    with quiet_pydicom():
        return int(dataset.get(keyword) or 0)


def reason(error: Exception) -> str:
    """Return the first line of an error's text without its full stop, to go into a sentence.

    Of a text with bytes in it, the error's name alone: they can be what a wrong length made of a patient's name.
    """
    text = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return text if text.isprintable() and "\\x" not in text else type(error).__name__
