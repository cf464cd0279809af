"""What a DICOM header tells about a slice."""

from pathlib import Path

from bundle.datalist import Row
from bundle.readers.dicom_header import dicom_position, open_dicom, quiet_pydicom, text

_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 1 / 52.18, "D": 1 / 365.25}

OLDEST = 90.0
"""Years; whoever is older counts as this old, for a greater age identifies a person (45 CFR 164.514(b)(2)(i)(C))."""


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
            "age": _age(text(dataset, "PatientAge", file)),
            "sex": text(dataset, "PatientSex", file),
            "manufacturer": text(dataset, "Manufacturer", file),
        }
        position = dicom_position(dataset, file)
        row["position"] = None if position is None else round(position, 3)
    return {key: value for key, value in row.items() if value not in (None, "")}


def _age(text: str) -> float | None:
    """Return the years of an age string (DICOM PS3.5 6.2, VR AS: ``045Y``, ``006M``)."""
    if not text[:-1].isdecimal() or text[-1] not in _YEARS:
        return None
    return min(round(int(text[:-1]) * _YEARS[text[-1]], 2), OLDEST)
