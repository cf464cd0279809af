"""Open a DICOM file as one slice that can be scored."""

from pathlib import Path
from typing import Any

import pydicom
from pydicom.errors import InvalidDicomError

from bundle.errors import InputError
from bundle.readers.dicom_checks import check_slice
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import TAGS, quiet_pydicom, reason

_LARGE = 4096


def open_dicom(path: Path, header_only: bool = False) -> DicomSlice:
    """Return a DICOM slice that can be scored.

    Args:
        path: the file.
        header_only: whether to read `TAGS` alone, and of the pixel data only how long it is.

    Raises:
        InputError: when the file is no DICOM file, or `bundle.readers.dicom_checks.check_slice` refuses it.
    """
    options: dict[str, Any] = {"specific_tags": list(TAGS.values()), "defer_size": _LARGE} if header_only else {}
    with quiet_pydicom():
        try:
            dicom = DicomSlice(path, pydicom.dcmread(path, **options))
        except InvalidDicomError as error:
            problem = "is not a DICOM file (no DICM prefix)"
            raise InputError(problem, "leave it out or export it again", path) from error
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", "check the file", path) from error
        except Exception as error:  # a damaged file makes pydicom's parser fail in any way
            raise InputError(f"is a damaged DICOM file ({reason(error)})", "copy or export it again", path) from error
        try:
            check_slice(dicom)
        except InputError:
            raise
        except Exception as error:  # as above: values are parsed when they are first used
            raise InputError(f"has a damaged header ({reason(error)})", "copy or export it again", path) from error
    return dicom
