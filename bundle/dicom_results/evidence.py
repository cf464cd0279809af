"""The headers of the scored slices, as far as results refer to them; a source is never trusted to be complete."""

import logging
import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom import Dataset
from pydicom.uid import UID, CTImageStorage

from bundle.errors import InputError
from bundle.readers.dicom_file import read_header
from bundle.readers.dicom_values import quiet_pydicom, reason
from bundle.readers.formats import Format, image_format

logger = logging.getLogger(__name__)

_EMPTY = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
)
"""Elements of type 2 of patient and study: in every object, empty where the source has none."""
PATIENT_AND_STUDY = (
    *_EMPTY,
    *("SpecificCharacterSet", "IssuerOfPatientID", "PatientAge", "PatientSize", "PatientWeight"),
    *("StudyDescription", "IssuerOfAccessionNumberSequence", "ProcedureCodeSequence"),
)
"""What is taken over from the source, value by value."""
_DESCRIPTIONS = (
    *("ReferringPhysicianName", "StudyDescription", "ProcedureCodeSequence"),
    *("RequestedProcedureDescription", "RequestedProcedureCodeSequence"),
)
"""Of that, what no result is filed by."""
_EQUIPMENT = ("Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions")
LOSSY = ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod")
_OTHERS = (
    *(*_EQUIPMENT, "Modality", "Rows", "Columns", "PixelSpacing", "ImageOrientationPatient"),
    *("TimezoneOffsetFromUTC", *LOSSY),
)
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_LONGEST_UID = 64
_UNKNOWN = "\ufffd"
"""What pydicom makes of bytes that a character set does not know."""
_IDENTITY = ("PatientID", "IssuerOfPatientID", "PatientName")
_REMEDY = "take the files as the scanner or the PACS sends them"


@dataclass(frozen=True, eq=False)
class Evidence:
    """The scored slices of a head.

    Attributes:
        slices: of each what results refer to, and its equipment; patient and study are empty.
        patient_and_study: of the first of them.
        requests: items of its Request Attributes Sequence.
    """

    slices: Sequence[Dataset]
    patient_and_study: Dataset
    requests: Sequence[Dataset]

    @property
    def study(self) -> str:
        """StudyInstanceUID."""
        return str(self.slices[0].StudyInstanceUID)

    @property
    def series(self) -> str:
        """SeriesInstanceUID."""
        return str(self.slices[0].SeriesInstanceUID)

    @property
    def identity(self) -> list[str]:
        """Identifier, its issuer and name of the patient, "" for what the source does not say."""
        return [str(self.patient_and_study.get(keyword) or "") for keyword in _IDENTITY]

    @property
    def zone(self) -> str:
        """TimezoneOffsetFromUTC, "" where the source has none."""
        return str(self.slices[0].get("TimezoneOffsetFromUTC") or "")


def read_evidence(files: Sequence[Path | str]) -> Evidence:
    """Return what results need of the scored slices of a head; the files are not changed, nothing is made up.

    Args:
        files: DICOM, one a slice.

    Raises:
        InputError: when one is no DICOM file, no CT, or has UIDs that a PACS could not file results under, a header
            that cannot be understood, or text that its character set does not know; when they are not of one study and
            patient.
    """
    for file in files:
        if image_format(Path(file)) is not Format.DICOM:
            problem = "is no DICOM file, so that there is no study which results could be filed in"
            raise InputError(problem, _REMEDY, file)
    with quiet_pydicom():
        headers = [read_header(Path(file)) for file in files]
        try:
            return _evidence(headers, files)
        except InputError:
            raise
        except Exception as error:  # values are parsed when they are first used, and pydicom's parser fails in any way
            problem = f"or another slice has a header of which no results can be made ({reason(error)})"
            raise InputError(problem, _REMEDY, files[0]) from error


def _evidence(headers: Sequence[Dataset], files: Sequence[Path | str]) -> Evidence:
    slices = [_slice(header, file) for header, file in zip(headers, files, strict=True)]
    for keyword in ("StudyInstanceUID", "PatientID"):
        if len({str(header.get(keyword) or "") for header in headers}) > 1:
            raise InputError(f"and the other slices have several values of {keyword}", _REMEDY, files[0])
    if len({each.SOPInstanceUID for each in slices}) < len(slices):
        raise InputError("and another slice have the same SOPInstanceUID", _REMEDY, files[0])
    evidence = Evidence(slices, _copied(headers[0], PATIENT_AND_STUDY), _requests(headers[0], files[0]))
    for part in (evidence.patient_and_study, *evidence.requests):
        _check_characters(part, files[0])
    return evidence


def _slice(header: Dataset, file: Path | str) -> Dataset:
    part = _copied(header, (*_OTHERS, *_UIDS))
    for keyword in _UIDS:
        value = str(part.get(keyword) or "")
        if len(value) > _LONGEST_UID or not _UID.fullmatch(value):
            # The value leads to the patient, and the sentence goes into logs.
            problem = f"has a {keyword} that is no DICOM UID, so that no PACS could file results"
            raise InputError(problem, _REMEDY, file)
    meta = getattr(header, "file_meta", Dataset())
    stated = header.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID")
    classes = stated or CTImageStorage
    if not isinstance(classes, UID):
        raise InputError("has several values of SOPClassUID", _REMEDY, file)
    part.SOPClassUID = classes
    part.Modality = part.get("Modality") or ("CT" if stated else "")
    if part.SOPClassUID != CTImageStorage or part.Modality != "CT":
        problem = f"is {part.SOPClassUID.name} of the modality {part.Modality!r}; results are of CT images alone"
        raise InputError(problem, "leave it out", file)
    for keyword in _EMPTY:
        setattr(part, keyword, "")
    return part


def _copied(header: Dataset, keywords: Iterable[str]) -> Dataset:
    part = Dataset()
    for keyword in keywords:
        element = _element(header, keyword)
        if element is not None:
            part.add(deepcopy(element))
    return part


def _check_characters(part: Dataset, file: Path | str) -> None:
    """Check that the texts that are taken over can be written with the bytes that they have; leave out descriptions.

    Raises:
        InputError: when one by which results are filed has bytes that its character set does not know.
    """
    for element in list(part):
        inside = [inner for each in element.value for inner in each.iterall()] if element.VR == "SQ" else [element]
        if any(_UNKNOWN in str(each.value) for each in inside):
            if element.keyword in _DESCRIPTIONS:
                logger.warning("%s is left out of DICOM results: its character set does not know it.", element.keyword)
                del part[element.tag]
                if element.keyword in _EMPTY:
                    setattr(part, element.keyword, "")
                continue
            problem = f"has characters in {element.keyword} that its SpecificCharacterSet does not know"
            raise InputError(problem, "correct SpecificCharacterSet", file)


def _element(header: Dataset, keyword: str) -> Any:
    try:
        return header[keyword]
    except Exception:  # absent, or damaged, in which case pydicom's parser fails in any way
        return None


def _requests(header: Dataset, file: Path | str) -> list[Dataset]:
    """Return the items of Referenced Request Sequence (DICOM PS3.3, C.17.2), of what the scanner was asked for.

    Raises:
        InputError: when what it was asked for is no sequence.
    """
    element = _element(header, "RequestAttributesSequence")
    if element is not None and element.VR != "SQ":
        raise InputError("has a RequestAttributesSequence that is no sequence", _REMEDY, file)
    wanted = ("RequestedProcedureID", "RequestedProcedureDescription", "RequestedProcedureCodeSequence")
    items = []
    for request in element.value if element is not None else ():
        item = _copied(request, wanted)
        item.StudyInstanceUID = header.StudyInstanceUID
        item.AccessionNumber = request.get("AccessionNumber") or header.get("AccessionNumber") or ""
        item.ReferencedStudySequence = []
        for keyword in ("RequestedProcedureID", "RequestedProcedureDescription"):
            if keyword not in item:
                setattr(item, keyword, "")
        for keyword in ("PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest"):
            setattr(item, keyword, "")
        if "RequestedProcedureCodeSequence" not in item:
            item.RequestedProcedureCodeSequence = []
        items.append(item)
    return items
