"""Open a DICOM file as one slice that can be scored."""

import zlib
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from bundle.errors import InputError
from bundle.readers.dicom_checks import check_slice
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import TAGS, quiet_pydicom, reason
from bundle.readers.formats import begins_as_data_set
from bundle.readers.limits import max_bytes

_LARGE = 4096
_HEAD = 4096
"""Bytes in which the transfer syntax of a file stands."""
_SYNTAXES = {
    (True, True): ImplicitVRLittleEndian,
    (False, True): ExplicitVRLittleEndian,
    (False, False): ExplicitVRBigEndian,
}


def open_dicom(path: Path, header_only: bool = False) -> DicomSlice:
    """Return a DICOM slice that can be scored.

    Args:
        path: the file.
        header_only: whether to read `TAGS` alone, and of the pixel data only how long it is.

    Raises:
        InputError: as `parse_dicom`, and when `bundle.readers.dicom_checks.check_slice` refuses the file.
    """
    dicom = parse_dicom(path, header_only)
    check_dicom(dicom)
    return dicom


def parse_dicom(path: Path, header_only: bool = False) -> DicomSlice:
    """Return a DICOM file of any kind, see `open_dicom`.

    Raises:
        InputError: when the file is no DICOM file, or damaged.
    """
    options: dict[str, Any] = {"specific_tags": list(TAGS.values()), "defer_size": _LARGE} if header_only else {}
    return DicomSlice(path, _parsed(path, options))


def read_header(path: Path) -> pydicom.Dataset:
    """Return the whole header of a DICOM file of any kind, without its pixels.

    Raises:
        InputError: as `parse_dicom`.
    """
    return _parsed(path, {"stop_before_pixels": True})


def _parsed(path: Path, options: dict[str, Any]) -> pydicom.Dataset:
    with quiet_pydicom():
        try:
            return _read(path, options)
        except InputError:
            raise
        except InvalidDicomError as error:
            problem = "is not a DICOM file (no DICM prefix)"
            raise InputError(problem, "leave it out or export it again", path) from error
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", "check the file", path) from error
        except Exception as error:  # a damaged file makes pydicom's parser fail in any way
            raise InputError(f"is a damaged DICOM file ({reason(error)})", "copy or export it again", path) from error


def check_dicom(dicom: DicomSlice) -> None:
    """Check that a parsed file is a slice that can be scored.

    Raises:
        InputError: when `bundle.readers.dicom_checks.check_slice` refuses it, or its header is damaged.
    """
    with quiet_pydicom():
        try:
            check_slice(dicom)
        except InputError:
            raise
        except Exception as error:  # as above: values are parsed when they are first used
            problem = f"has a damaged header ({reason(error)})"
            raise InputError(problem, "copy or export it again", dicom.path) from error


def _read(path: Path, options: dict[str, Any]) -> pydicom.Dataset:
    with path.open("rb") as file:
        head = file.read(_HEAD)
        bare = begins_as_data_set(head)
        if not bare and DeflatedExplicitVRLittleEndian.encode() in head:
            _check_inflated(file, head, path)
        file.seek(0)
        dataset = pydicom.dcmread(file, force=bare, **options)
    if bare and "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = _SYNTAXES[dataset.original_encoding]  # type: ignore[index]
    return dataset


def _check_inflated(file: BinaryIO, head: bytes, path: Path) -> None:
    """Check that a deflated data set (PS3.5, A.5), which pydicom inflates as a whole, is not too large for memory.

    Raises:
        InputError: when it is.
    """
    # The file meta information, after preamble and prefix, begins with its own length, (0002,0000).
    file.seek(144 + int.from_bytes(head[140:144], "little"))
    inflater, left = zlib.decompressobj(-zlib.MAX_WBITS), max_bytes()
    while left >= 0 and not inflater.eof and (chunk := inflater.unconsumed_tail or file.read(_HEAD)):
        left -= len(inflater.decompress(chunk, 1 << 20))
    if left < 0:
        problem = f"is compressed and unpacks to more than {max_bytes():,} bytes"
        raise InputError(problem, "leave it out, or export it again uncompressed", path)
