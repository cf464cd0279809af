"""What a DICOM header tells about a slice."""

import re
from pathlib import Path
from typing import Any

import pydicom

from bundle.datalist import Row
from bundle.errors import InputError
from bundle.readers.dicom_header import dicom_position, open_dicom, quiet_pydicom, reason
from bundle.sources.person import read_age

_PATIENT_TAGS = ("PatientID", "PatientAge", "PatientSex", "Manufacturer")


def read_header(file: Path) -> Row:
    """Read patient, study, series, position (mm), age (years), sex and manufacturer, as far as the header has them.

    Neither pixels nor names nor dates are read.

    Raises:
        InputError: when the file is not a DICOM slice that can be scored, as `bundle.readers` says.
    """
    with quiet_pydicom():
        dataset = open_dicom(file, header_only=True)
        try:
            patient = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(_PATIENT_TAGS))
            row: Row = {
                "patient": _text(patient.get("PatientID")),
                "study": _text(dataset.get("StudyInstanceUID")),
                "series": _text(dataset.get("SeriesInstanceUID")),
                "age": _age(patient.get("PatientAge")),
                "sex": _text(patient.get("PatientSex")),
                "manufacturer": _text(patient.get("Manufacturer")),
            }
        except Exception as error:  # values are parsed when they are first used, and fail in any way
            raise InputError(f"{file} has a damaged header ({reason(error)}); copy or export it again") from error
        position = dicom_position(dataset, file)
        row["position"] = None if position is None else round(position, 3)
    return {key: value for key, value in row.items() if value is not None}


def _text(value: Any) -> str | None:
    return str(value or "").strip() or None


def _age(value: Any) -> float | None:
    """Return the years of an age string (DICOM PS3.5 6.2, VR AS: ``045Y``, ``006M``)."""
    text = str(value or "").strip()
    return read_age(text) if re.fullmatch(r"\d+[YMWD]", text) else None
