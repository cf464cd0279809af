"""What all objects of a head have in common: whose they are, when and by what they were made, in which series."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from pydicom import Dataset

from bundle.dicom_results.algorithm import MANUFACTURER, NAME, Algorithm
from bundle.dicom_results.codes import DETECTION
from bundle.dicom_results.earlier import Document, Earlier
from bundle.dicom_results.evidence import Evidence
from bundle.dicom_results.filed import Filed
from bundle.dicom_results.finding import Finding
from bundle.dicom_results.identity import result_uid
from bundle.readers.dicom_code import coded

_DATES = ("ContentDate", "InstanceCreationDate", "SeriesDate", "DateOfSecondaryCapture")
_TIMES = ("ContentTime", "InstanceCreationTime", "SeriesTime", "TimeOfSecondaryCapture")
_WIDEST = timedelta(hours=14)


class Series(NamedTuple):
    """The series of an object in the patient's study."""

    kind: str
    """SR, SC or KO."""
    number: int
    description: str


SERIES: Mapping[str, Series] = {
    "SR": Series("SR", 9901, "AI ICH report - not for diagnosis"),
    "SC": Series("SC", 9902, "AI ICH heat map - not for diagnosis"),
    "KO": Series("KO", 9903, "AI ICH key images - not for diagnosis"),
}
"""One a kind and scored series, with a number that no scanner gives."""


@dataclass(frozen=True, eq=False)
class Origin:
    """What an answer is about, and who gives it when.

    Attributes:
        evidence: the scored slices.
        finding: the verdict.
        algorithm: which gave it.
        at: when, with a time zone.
        number: of the answer about its series, from 1.
        earlier: answers about the study, where each is counted: UIDs are made of patient, slices, model and number of
            the answer then, whatever it says and whenever it is given. None where nobody counts the answers.
        filed: reports that are in the folder already, where nobody counts; they change no UID.
    """

    evidence: Evidence
    finding: Finding
    algorithm: Algorithm
    at: datetime
    number: int = 1
    earlier: Earlier | None = None
    filed: Sequence[Filed] = ()

    @property
    def predecessors(self) -> list[Document]:
        """The reports whose place this answer takes."""
        if self.earlier is not None:
            return list(self.earlier.reports)
        own, slices = self.uid("SR"), {str(each.SOPInstanceUID) for each in self.evidence.slices}
        # A report of another part of the series is about other slices.
        return [
            each.document for each in self._filed if each.document.uid != own and not slices.isdisjoint(each.evidence)
        ]

    @property
    def instance_number(self) -> int:
        """InstanceNumber in its series, after those of the reports in the folder; that of an answer which is there."""
        numbers = {each.document.uid: each.number for each in self._filed}
        return numbers.get(self.uid("SR"), max(numbers.values(), default=0) + self.number)

    @property
    def _filed(self) -> list[Filed]:
        series = self._series("SR")
        return [each for each in self.filed if each.document.series == series]

    def _series(self, kind: str) -> str:
        return result_uid(self.evidence.study, self.evidence.identity, self.evidence.series, "series", kind)

    def uid(self, kind: str) -> str:
        """Return the UID of an object: the same for the same answer of the same model about the same slices.

        The patient is part of it, for a source is corrected when an unknown one is recognised.
        """
        inputs = sorted(str(each.SOPInstanceUID) for each in self.evidence.slices)
        words = (repr(self.finding),) if self.earlier is None else ()
        whose = self.evidence.study, self.evidence.identity
        return result_uid(*whose, inputs, self.algorithm.digest, *words, self.number, kind)

    def arguments(self, kind: str) -> dict[str, Any]:
        """Return the arguments of highdicom's classes that objects of all kinds share."""
        series = SERIES[kind]
        return {
            "series_instance_uid": self._series(kind),
            "series_number": series.number,
            "series_description": series.description,
            "sop_instance_uid": self.uid(kind),
            "instance_number": self.instance_number,
            "manufacturer": MANUFACTURER,
            "manufacturer_model_name": NAME,
            "software_versions": self.algorithm.versions,
            "device_serial_number": self.algorithm.version,
        }

    def finish(self, dataset: Dataset) -> None:
        """Write patient, study, times and equipment into an object that highdicom made, in place."""
        for element in self.evidence.patient_and_study:
            dataset.add(deepcopy(element))
        when = self.at.astimezone(_zone(self.evidence.zone) or self.at.tzinfo)
        for keywords, text in ((_DATES, when.strftime("%Y%m%d")), (_TIMES, when.strftime("%H%M%S"))):
            for keyword in keywords:
                if keyword in dataset or keyword.startswith("Series"):
                    setattr(dataset, keyword, text)
        dataset.TimezoneOffsetFromUTC = when.strftime("%z")[:5]
        for item in dataset.get("ContributingEquipmentSequence", []):
            # highdicom's own has the time of the process, in no zone.
            if "ContributionDateTime" in item:
                item.ContributionDateTime = when.strftime("%Y%m%d%H%M%S%z")
        equipment = Dataset()
        equipment.PurposeOfReferenceCodeSequence = [coded(DETECTION)]
        equipment.Manufacturer, equipment.ManufacturerModelName = MANUFACTURER, NAME
        equipment.SoftwareVersions = self.algorithm.versions
        dataset.ContributingEquipmentSequence = [*dataset.get("ContributingEquipmentSequence", []), equipment]


def _zone(offset: str) -> timezone | None:
    """Return the zone of a TimezoneOffsetFromUTC, as "-0130"; None where it is none."""
    try:
        parsed = datetime.strptime(offset, "%z").utcoffset() or timedelta()
    except ValueError:
        return None
    return timezone(parsed) if abs(parsed) <= _WIDEST else None
