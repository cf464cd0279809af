"""Which rows of TID 1500 a report has, beyond what validators notice: a check of each report before it is written.

PixelMed's validator did not notice a report without Procedure Reported; dciodvfy knows no templates.
"""

from collections.abc import Iterator
from typing import Any

from pydicom import Dataset
from pydicom.sr.coding import Code

from bundle.dicom_results import codes
from bundle.dicom_results.finding import LEAST
from bundle.labels import ANY

_MODIFIER, _CONTEXT, _CONTAINS = "HAS CONCEPT MOD", "HAS OBS CONTEXT", "CONTAINS"
_DATE_TIME = ("ContentDate", "ContentTime", "TimezoneOffsetFromUTC")


def missing_rows(report: Dataset) -> list[str]:
    """Return what a report lacks or has too much of, a clause each; none for a report as `make_report` makes it."""
    return [*_header(report), *_root(report), *_groups(report), *_references(report)]


def _header(report: Dataset) -> Iterator[str]:
    for keyword, value in (("VerificationFlag", "UNVERIFIED"), ("PreliminaryFlag", "PRELIMINARY"), ("Modality", "SR")):
        if report.get(keyword) != value:
            yield f"{keyword} is {report.get(keyword)!r}, not {value}"
    if report.get("CompletionFlag") not in ("COMPLETE", "PARTIAL"):
        yield f"CompletionFlag is {report.get('CompletionFlag')!r}"
    for keyword in _DATE_TIME:
        if not report.get(keyword):
            yield f"there is no {keyword}"
    if not str(report.get("SOPInstanceUID", "")).startswith("2.25."):
        yield "its SOPInstanceUID was not derived from what it says"


def _root(report: Dataset) -> Iterator[str]:
    if not _is(report, codes.REPORT):
        yield "its title is not Imaging Measurement Report"
    template = [(each.MappingResource, each.TemplateIdentifier) for each in report.get("ContentTemplateSequence", [])]
    if template != [("DCMR", "1500")]:
        yield f"its template is {template}, not TID 1500 of DCMR"
    yield from _once(report, codes.LANGUAGE, "CODE", _MODIFIER, codes.ENGLISH)
    yield from _once(report, codes.OBSERVER_TYPE, "CODE", _CONTEXT, codes.DEVICE)
    yield from _once(report, codes.DEVICE_UID, "UIDREF", _CONTEXT)
    yield from _once(report, codes.PROCEDURE, "CODE", _MODIFIER, codes.CT)
    yield from _once(report, codes.MEASUREMENTS, "CONTAINER", _CONTAINS)
    if _items(report, codes.PERSON_NAME):
        yield "it names a person, and nobody looked at it"


def _groups(report: Dataset) -> Iterator[str]:
    groups = [group for part in _items(report, codes.MEASUREMENTS) for group in _items(part, codes.GROUP)]
    names = [_value(group, codes.TRACKING) for group in groups]
    if names.count(f"ICH {ANY}") != 1 or names[:1] != [f"ICH {ANY}"] or len(set(names)) < len(names):
        yield f"its measurement groups are {names}: one for {ANY} comes first, then one for each subtype"
    for name, group in zip(names, groups, strict=True):
        for fault in _group(group, name == f"ICH {ANY}"):
            yield f"{name}: {fault}"


def _group(group: Dataset, whole: bool) -> Iterator[str]:
    yield from _once(group, codes.TRACKING, "TEXT", _CONTEXT)
    yield from _once(group, codes.TRACKING_UID, "UIDREF", _CONTEXT)
    yield from _once(group, codes.CATEGORY, "CODE", _CONTAINS, codes.ABNORMAL)
    yield from _once(group, codes.FINDING, "CODE", _CONTAINS, codes.CONCEPTS[ANY].finding if whole else None)
    yield from _once(group, codes.SITE, "CODE", _MODIFIER)
    yield from _once(group, codes.ALGORITHM, "TEXT", _MODIFIER)
    yield from _once(group, codes.VERSION, "TEXT", _MODIFIER)
    yield from _once(group, codes.FAMILY, "CODE", _MODIFIER, codes.INTELLIGENCE)
    yield from _once(group, codes.SOURCE, "IMAGE", _CONTAINS)
    if not _items(group, codes.PARAMETERS):
        yield "there is no Algorithm Parameters"
    yield from _once(group, codes.PROBABILITY, "NUM", _CONTAINS)
    for item in _items(group, codes.PROBABILITY):
        yield from _probability(item, 0 if whole else 100 * LEAST)
    presence = _items(group, codes.PRESENCE_OF)
    if whole:
        yield from _once(group, codes.PRESENCE_OF, "CODE", _CONTAINS)
        yield from _once(group, codes.COMMENT, "TEXT", _CONTAINS)
        known = [(code.value, code.scheme_designator) for code in codes.PRESENCE.values()]
        if any(_code(item.get("ConceptCodeSequence")) not in known for item in presence):
            yield "its presence is none of present, absent and undetermined"
    elif presence:
        yield "a subtype is neither present nor absent"


def _probability(item: Dataset, least: float) -> Iterator[str]:
    measured = item.get("MeasuredValueSequence") or [Dataset()]
    value, unit = measured[0].get("NumericValue"), _code(measured[0].get("MeasurementUnitsCodeSequence"))
    if unit != (codes.PERCENT.value, codes.PERCENT.scheme_designator):
        yield f"its probability is in {unit}, not in percent"
    if value is None or not least <= float(value) <= 100:
        yield f"its probability is {value}, not from {least:g} to 100"


def _references(report: Dataset) -> Iterator[str]:
    evidence = {
        (each.ReferencedSOPClassUID, each.ReferencedSOPInstanceUID)
        for study in report.get("CurrentRequestedProcedureEvidenceSequence", [])
        if study.StudyInstanceUID == report.StudyInstanceUID
        for series in study.ReferencedSeriesSequence
        for each in series.ReferencedSOPSequence
    }
    for item in _tree(report):
        for each in item.get("ReferencedSOPSequence", []) if item.get("ValueType") == "IMAGE" else ():
            if (each.ReferencedSOPClassUID, each.ReferencedSOPInstanceUID) not in evidence:
                yield f"the image {each.ReferencedSOPInstanceUID} is no evidence of its study"


def _once(parent: Dataset, name: Code, kind: str, relationship: str, value: Code | None = None) -> Iterator[str]:
    found = _items(parent, name)
    if len(found) != 1:
        yield f"there are {len(found)} of {name.meaning}, not one"
    for item in found:
        if (item.get("ValueType"), item.get("RelationshipType")) != (kind, relationship):
            yield f"{name.meaning} is no {kind} with the relationship {relationship}"
        elif value is not None and _code(item.get("ConceptCodeSequence")) != (value.value, value.scheme_designator):
            yield f"{name.meaning} is not {value.meaning}"


def _tree(item: Dataset) -> Iterator[Dataset]:
    for child in item.get("ContentSequence", []):
        yield child
        yield from _tree(child)


def _items(parent: Dataset, name: Code) -> list[Dataset]:
    return [item for item in parent.get("ContentSequence", []) if _is(item, name)]


def _is(item: Dataset, name: Code) -> bool:
    return _code(item.get("ConceptNameCodeSequence")) == (name.value, name.scheme_designator)


def _code(sequence: Any) -> tuple[str, str] | None:
    return (sequence[0].get("CodeValue", ""), sequence[0].get("CodingSchemeDesignator", "")) if sequence else None


def _value(parent: Dataset, name: Code) -> str:
    return next((str(item.get("TextValue", "")) for item in _items(parent, name)), "")
