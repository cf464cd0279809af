"""Reports that lie in a folder already, which a later answer about the same slices takes the place of."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pydicom

from bundle.dicom_results.earlier import Document
from bundle.readers.dicom_values import quiet_pydicom, reason

logger = logging.getLogger(__name__)

_TAGS = ["SOPInstanceUID", "SeriesInstanceUID", "InstanceNumber", "CurrentRequestedProcedureEvidenceSequence"]


@dataclass(frozen=True)
class Filed:
    """A report in a folder.

    Attributes:
        document: which it is.
        number: its InstanceNumber.
        evidence: SOPInstanceUIDs of the images that it is about.
    """

    document: Document
    number: int
    evidence: Collection[str]


def filed_reports(folder: Path) -> list[Filed]:
    """Return the reports in a folder, in the order of their numbers; one that cannot be read is logged, and left out.

    Args:
        folder: into which objects are written.
    """
    found = []
    for path in folder.glob("SR_*.dcm"):
        try:
            with quiet_pydicom():
                found.append(_filed(pydicom.dcmread(path, specific_tags=_TAGS)))
        except Exception as error:  # a damaged file makes pydicom's parser fail in any way
            logger.warning("%s cannot be read (%s), so that no later report names it.", path.name, reason(error))
    return sorted(found, key=lambda each: (each.number, each.document.uid))


def _filed(report: pydicom.Dataset) -> Filed:
    evidence = frozenset(
        str(image.ReferencedSOPInstanceUID)
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for image in series.ReferencedSOPSequence
    )
    document = Document(str(report.SOPInstanceUID), str(report.SeriesInstanceUID))
    return Filed(document, int(report.InstanceNumber), evidence)
