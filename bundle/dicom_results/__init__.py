"""Results that a PACS files in the patient's study: structured report, capture with the heat map, key objects.

What needs highdicom, which is in ``requirements-deploy.txt`` alone, is imported when it is first asked for.
"""

from typing import Any

from bundle.dicom_results.algorithm import Algorithm
from bundle.dicom_results.earlier import Document, Earlier
from bundle.dicom_results.evidence import Evidence, read_evidence
from bundle.dicom_results.filed import Filed, filed_reports
from bundle.dicom_results.finding import Finding
from bundle.dicom_results.headers import SERIES, Origin
from bundle.dicom_results.rows import missing_rows
from bundle.errors import InputError

__all__ = [
    "SERIES",
    "Algorithm",
    "Document",
    "Earlier",
    "Evidence",
    "Filed",
    "Finding",
    "Origin",
    "filed_reports",
    "make_objects",
    "missing_rows",
    "read_evidence",
]


def __getattr__(name: str) -> Any:
    if name == "make_objects":
        try:
            from bundle.dicom_results.objects import make_objects
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("highdicom"):
                raise
            problem = "highdicom, which writes DICOM results, is not installed"
            raise InputError(problem, "run: python -m pip install -r requirements-deploy.txt") from None
        return make_objects
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
