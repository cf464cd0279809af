"""What a DICOM header tells about a slice."""

import re
from pathlib import Path

from pydicom import Dataset

from bundle.datalist import Row
from bundle.readers.dicom_header import dicom_position, open_dicom, quiet_pydicom, text
from bundle.sources.person import read_age

_AGE = r"\d+[YMWD]"
"""An age string (DICOM PS3.5 6.2, VR AS)."""


def read_header(file: Path) -> Row:
    """Read patient, study, series, position (mm), age (years), sex and manufacturer, as far as the header has them.

    Neither pixels nor names nor dates are read.

    Raises:
        InputError: when the file is not a DICOM slice that can be scored, as `bundle.readers` says.
    """
    with quiet_pydicom():
        dataset = open_dicom(file, header_only=True)
        row: Row = {
            "patient": text(dataset, "PatientID", file).strip(),
            "study": text(dataset, "StudyInstanceUID", file),
            "series": text(dataset, "SeriesInstanceUID", file),
            **read_demographics(dataset, file),
            "manufacturer": text(dataset, "Manufacturer", file),
        }
        position = dicom_position(dataset, file)
        row["position"] = None if position is None else round(position, 3)
    return {key: value for key, value in row.items() if value not in (None, "")}


def read_demographics(dataset: Dataset, file: Path) -> Row:
    """Return the age (years) and sex of an opened header; None and "" where it has none."""
    age = text(dataset, "PatientAge", file)
    return {
        "age": read_age(age) if re.fullmatch(_AGE, age) else None,
        "sex": text(dataset, "PatientSex", file),
    }
