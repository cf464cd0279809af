"""What the node must know of an object that arrives: whose it is, and whether it is to be scored."""

import re
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom import Dataset
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage

from bundle.dicom_results.algorithm import MANUFACTURER, NAME
from bundle.node.spool import uid_key
from bundle.readers.dicom_values import quiet_pydicom

SCORED = frozenset({CTImageStorage})
MULTI_FRAME = frozenset({EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage})
"""CT that is kept, not read, and alone set aside: the network sees slices. No head beside it is routine."""

_UID = re.compile(r"[0-9.]{1,64}")
_READ = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "AccessionNumber"),
    *("Manufacturer", "ManufacturerModelName", "ContributingEquipmentSequence"),
)

_IMAGE = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID", "InstanceNumber"),
    *("Rows", "Columns", "ImagePositionPatient", "ImageOrientationPatient"),
)
"""What identifies an image, however it is encoded."""


class NotUnderstoodError(Exception):
    """An object that cannot be parsed, or that has no UIDs; the text holds no value of it."""


class ContradictoryError(Exception):
    """An object that is another than the one that was announced; the text holds no value of it."""


@dataclass(frozen=True)
class Header:
    """Of an object.

    Attributes:
        study: its key, see `uid_key`.
        name: key of the object itself.
        study_uid: StudyInstanceUID.
        accession: AccessionNumber, "" where it has none.
        multi_frame: whether it is CT of several frames.
        own: whether this software made it or had part in it.
    """

    study: str
    name: str
    study_uid: str
    accession: str
    multi_frame: bool
    own: bool


def read_object(path: Path, sop_class: str, sop_instance: str) -> Header:
    """Return the header of a file as it was received.

    Args:
        path: of the file, whose meta information the receiver wrote.
        sop_class: as announced; so is the next.
        sop_instance: UID.

    Raises:
        NotUnderstoodError: when it cannot be parsed, or lacks a UID by which it could be filed.
        ContradictoryError: when it is not what was announced.
    """
    try:
        with quiet_pydicom():
            dataset = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_READ))
            values = {keyword: str(dataset.get(keyword) or "") for keyword in _READ[:5]}
            own = _is_own(dataset)
    except Exception as error:  # a damaged header makes pydicom's parser fail in any way
        raise NotUnderstoodError("cannot be parsed") from error
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        if not _UID.fullmatch(values[keyword]):
            raise NotUnderstoodError(f"has no {keyword} of digits and points")
    if values["SOPInstanceUID"] != sop_instance or values["SOPClassUID"] != sop_class:
        raise ContradictoryError("is of another class or UID than was announced")
    return Header(
        study=uid_key(values["StudyInstanceUID"]),
        name=uid_key(values["SOPInstanceUID"]),
        study_uid=values["StudyInstanceUID"],
        accession=values["AccessionNumber"],
        multi_frame=sop_class in MULTI_FRAME,
        own=own,
    )


def is_same_image(first: Path, second: Path) -> bool:
    """Return whether two files of one SOP Instance UID hold the same image in different transfer syntaxes.

    Args:
        first: a file, which may be absent.
        second: likewise.
    """
    try:
        with quiet_pydicom():
            one, other = (
                pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_IMAGE)) for path in (first, second)
            )
            in_other_syntax = one.file_meta.TransferSyntaxUID != other.file_meta.TransferSyntaxUID
            return in_other_syntax and all(one.get(keyword) == other.get(keyword) for keyword in _IMAGE)
    except Exception:  # see `read_object`
        return False


def _is_own(dataset: Dataset) -> bool:
    """Return whether an object is a result of this software, whichever installation made it."""
    equipment = [dataset, *(dataset.get("ContributingEquipmentSequence") or [])]
    return any(
        (str(each.get("Manufacturer") or ""), str(each.get("ManufacturerModelName") or "")) == (MANUFACTURER, NAME)
        for each in equipment
    )
