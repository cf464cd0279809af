"""Codes as they stand in DICOM files."""

from pydicom import Dataset
from pydicom.sr.coding import Code


def coded(code: Code) -> Dataset:
    """Return a code as the item of a sequence (DICOM PS3.3, 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item
