"""What a DICOM header tells about a slice."""

import re
from pathlib import Path

from bundle.datalist import Row
from bundle.gate import require_scorable
from bundle.readers.dicom_file import check_dicom, parse_dicom
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import quiet_pydicom
from bundle.sources.person import pseudonym, read_age

_AGE = r"\d+[YMWD]"
"""An age string (DICOM PS3.5 6.2, VR AS)."""


def read_header(file: Path) -> Row:
    """Read patient, study, series, position (mm), age (years), sex and manufacturer, as far as the header has them.

    Neither pixels nor names nor dates are read.

    Raises:
        InputError: when the file is not a DICOM slice that can be scored, as `bundle.readers` and `bundle.gate` say.
    """
    with quiet_pydicom():  # once for all that follows
        dicom = parse_dicom(file, header_only=True)
        require_scorable(dicom)
        check_dicom(dicom)
    row: Row = {
        "patient": dicom.text("PatientID").strip(),
        "study": dicom.text("StudyInstanceUID"),
        "series": dicom.text("SeriesInstanceUID"),
        **read_demographics(dicom),
        "manufacturer": dicom.text("Manufacturer"),
        "position": None if dicom.position is None else round(dicom.position, 3),
    }
    return {key: value for key, value in row.items() if value not in (None, "")}


def read_pseudonymous(file: Path) -> Row:
    """Return the same with a hash for the patient, because in a hospital a number or name is one's own.

    Raises:
        InputError: as `read_header`.
    """
    row = read_header(file)
    return {**row, "patient": pseudonym(row["patient"])} if "patient" in row else row


def read_demographics(dicom: DicomSlice) -> Row:
    """Return the age (years) and sex in an opened header; None and "" where it has none."""
    age = dicom.text("PatientAge")
    return {"age": read_age(age) if re.fullmatch(_AGE, age) else None, "sex": dicom.text("PatientSex")}
