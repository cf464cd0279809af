"""The verdict as a structured report: Comprehensive 3D SR after TID 1500 (DICOM PS3.16), made with highdicom."""

from collections.abc import Iterator, Sequence

from highdicom import sr
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from pydicom import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from bundle.dicom_results import codes
from bundle.dicom_results.algorithm import MANUFACTURER, NAME
from bundle.dicom_results.earlier import Document
from bundle.dicom_results.finding import percent
from bundle.dicom_results.headers import Origin
from bundle.dicom_results.identity import result_uid
from bundle.labels import ABBREVIATIONS, ANY


def make_report(origin: Origin, key: int) -> Dataset:
    """Return the report: a measurement group for *any*, with its presence, and one for each subtype that is likely.

    Nobody has looked at it: it is preliminary and unverified, and its observer is a device.

    Args:
        origin: what it is about.
        key: index of the most suspicious slice.
    """
    evidence = origin.evidence
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer(origin)),
        procedure_reported=codes.CT,
        imaging_measurements=list(_groups(origin, key)),
        title=codes.REPORT,
        language_of_content_item_and_descendants=sr.LanguageOfContentItemAndDescendants(
            sr.CodedConcept.from_code(codes.ENGLISH)
        ),
    )
    report = sr.Comprehensive3DSR(
        evidence=evidence.slices,
        content=content,
        is_complete=not origin.finding.incomplete,
        requested_procedures=list(evidence.requests) or None,
        coding_schemes=_schemes(origin),
        **origin.arguments("SR"),
    )
    origin.finish(report)
    if predecessors := origin.predecessors:
        report.PredecessorDocumentsSequence = [_predecessors(evidence.study, predecessors)]
    return report


def _predecessors(uid: str, documents: Sequence[Document]) -> Dataset:
    """Return the item of Predecessor Documents Sequence (DICOM PS3.3, C.17.2) for a study."""
    study = Dataset()
    study.StudyInstanceUID, study.ReferencedSeriesSequence = uid, []
    for document in documents:
        item, series = Dataset(), Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = Comprehensive3DSRStorage, document.uid
        series.SeriesInstanceUID, series.ReferencedSOPSequence = document.series, [item]
        study.ReferencedSeriesSequence.append(series)
    return study


def observer(origin: Origin) -> sr.ObserverContext:
    """Return the observer, this installation (TID 1004)."""
    algorithm = origin.algorithm
    attributes = sr.DeviceObserverIdentifyingAttributes(
        uid=result_uid("device", algorithm.station),
        name=algorithm.station,
        manufacturer_name=MANUFACTURER,
        model_name=NAME,
        serial_number=algorithm.version,
    )
    return sr.ObserverContext(codes.DEVICE, attributes)


def _groups(origin: Origin, key: int) -> Iterator[sr.MeasurementsAndQualitativeEvaluations]:
    evidence, finding, algorithm = origin.evidence, origin.finding, origin.algorithm
    for name, probability in finding.probabilities.items():
        concept = codes.CONCEPTS[name]
        whole = name == ANY
        presence = sr.QualitativeEvaluation(codes.PRESENCE_OF, codes.PRESENCE[finding.action])
        group = sr.MeasurementsAndQualitativeEvaluations(
            # The same over all answers about this series, so that they can be followed.
            tracking_identifier=sr.TrackingIdentifier(
                result_uid(evidence.study, evidence.series, "tracking", name),
                "ICH any" if whole else f"ICH {ABBREVIATIONS[name]}",
            ),
            finding_category=codes.ABNORMAL,
            finding_type=concept.finding,
            finding_sites=[sr.FindingSite(concept.site)],
            algorithm_id=sr.AlgorithmIdentification(NAME, algorithm.version, algorithm.settings, codes.INTELLIGENCE),
            measurements=[sr.Measurement(codes.PROBABILITY, percent(probability), codes.PERCENT)],
            # The network names one subtype and is often wrong about it, so that none is ever absent.
            qualitative_evaluations=[presence] if whole else None,
            source_images=[sr.SourceImageForMeasurementGroup.from_source_image(evidence.slices[key])],
        )
        if whole:
            comment = sr.TextContentItem(codes.COMMENT, finding.comment, sr.RelationshipTypeValues.CONTAINS)
            group[0].ContentSequence.append(comment)
        yield group


def _schemes(origin: Origin) -> list[CodingSchemeIdentificationItem] | None:
    used = {codes.CONCEPTS[name].finding.scheme_designator for name in origin.finding.probabilities}
    if codes.PRIVATE_SCHEME not in used:
        return None
    return [
        CodingSchemeIdentificationItem(
            codes.PRIVATE_SCHEME, name="Codes of the brain hemorrhage bundle", responsible_organization=MANUFACTURER
        )
    ]
