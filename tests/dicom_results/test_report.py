"""The report, as validators and readers that others wrote see it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.sr.codedict import codes

from bundle.dicom_results import Document, Earlier, Finding, Origin, make_objects, missing_rows
from bundle.dicom_results.codes import CONCEPTS, PRESENCE
from bundle.dicom_results.finding import percent
from bundle.heads import Action
from bundle.labels import ABBREVIATIONS, ANY
from tests.dicom_results.conftest import ALL, KEY, RECORD, SLICES
from tests.dicom_tools import dciodvfy, dsrdump, needs_dicom_tools, pixelmed

Save = Callable[[Dataset], Path]
PRIVATE = "Warning - Unrecognized defined term <99BHB> for value 1 of attribute <Coding Scheme Designator>"


def report(origin: Origin, picture: np.ndarray, **fields: object) -> Dataset:
    finding = Finding.of({**RECORD, **fields})
    return make_objects(replace(origin, finding=finding), KEY, picture).report


@needs_dicom_tools
def test_dciodvfy_and_dsrdump_say_nothing_of_it(origin: Origin, picture: np.ndarray, saved: Save) -> None:
    file = saved(report(origin, picture))
    assert dciodvfy(file) == []
    assert dsrdump(file) == []


@needs_dicom_tools
def test_dciodvfy_does_not_know_the_private_code_and_says_nothing_else(
    origin: Origin, picture: np.ndarray, saved: Save
) -> None:
    assert dciodvfy(saved(report(origin, picture, **ALL))) == [PRIVATE] * 2


@needs_dicom_tools
def test_pixelmed_finds_no_error_in_the_template(origin: Origin, picture: np.ndarray, saved: Save) -> None:
    errors, warnings = pixelmed(saved(report(origin, picture, **ALL)))
    assert errors == []
    # Rows that the template of 2022 does not have, and does not forbid.
    assert all(line.endswith("Content Item not in template") for line in warnings)
    assert {line.split('"')[-2] for line in warnings} == {"Finding category", "Presence of property", "Comment"}


@pytest.mark.parametrize("record", [RECORD, ALL], ids=["two subtypes", "all subtypes"])
def test_every_value_is_read_back(record: dict, origin: Origin, picture: np.ndarray, saved: Save) -> None:
    """With highdicom's reader."""
    read = hd.sr.srread(saved(report(origin, picture, **record)))
    groups = read.content.get_image_measurement_groups()
    expected = {ANY: record["p_any"]}
    expected |= {
        name: record.get(f"p_{name}", 0) for name in CONCEPTS if name != ANY and record.get(f"p_{name}", 0) >= 0.05
    }
    assert [group.tracking_identifier for group in groups] == [
        "ICH any", *(f"ICH {ABBREVIATIONS[name]}" for name in expected if name != ANY)
    ]  # fmt: skip
    assert len({group.tracking_uid for group in groups}) == len(groups)
    for group, (name, probability) in zip(groups, expected.items(), strict=True):
        (measurement,) = group.get_measurements()
        assert measurement.name == codes.DCM.Probability
        assert (measurement.value, measurement.unit.value) == (percent(probability), "%")
        assert (group.finding_type, group.finding_sites[0].value) == CONCEPTS[name]
        assert group.source_images[0].referenced_sop_instance_uid == origin.evidence.slices[KEY].SOPInstanceUID
        presence = [each.value for each in group.get_qualitative_evaluations(codes.DCM.PresenceOfProperty)]
        assert presence == ([PRESENCE[Action(record["action"])]] if name == ANY else [])


@pytest.mark.parametrize(
    ("action", "presence"), [("read first", "Present"), ("read soon", "Undetermined"), ("routine", "Absent")]
)
def test_presence_is_that_of_the_action(action: str, presence: str, origin: Origin, picture: np.ndarray) -> None:
    made = report(origin, picture, action=action, refer_reason="undecided" if action == "read soon" else "")
    group = made.ContentSequence[-1].ContentSequence[0]
    (found,) = [each for each in group.ContentSequence if each.ConceptNameCodeSequence[0].CodeValue == "121052"]
    assert found.ConceptCodeSequence[0].CodeMeaning == presence
    comment = group.ContentSequence[-1].TextValue
    assert comment.startswith("Research software, not a medical device, not for diagnosis.")
    assert ("Undetermined: refer to a radiologist. Reasons: undecided." in comment) == (action == "read soon")


def test_it_refers_to_every_scored_slice_of_its_study(origin: Origin, picture: np.ndarray) -> None:
    made = report(origin, picture)
    (study,) = made.CurrentRequestedProcedureEvidenceSequence
    (series,) = study.ReferencedSeriesSequence
    assert (study.StudyInstanceUID, series.SeriesInstanceUID) == (origin.evidence.study, origin.evidence.series)
    named = {each.ReferencedSOPInstanceUID for each in series.ReferencedSOPSequence}
    assert named == {each.SOPInstanceUID for each in origin.evidence.slices} and len(named) == SLICES
    assert "PertinentOtherEvidenceSequence" not in made


def test_it_belongs_to_the_patient_and_the_study(origin: Origin, picture: np.ndarray, files: list[Path]) -> None:
    source = pydicom.dcmread(files[0])
    for made in make_objects(origin, KEY, picture):
        for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate",
                        "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"):  # fmt: skip
            assert made[keyword].value == source[keyword].value, keyword
        assert made.SeriesInstanceUID != source.SeriesInstanceUID
        assert made.file_meta.MediaStorageSOPClassUID == made.SOPClassUID
        assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID


def test_times_are_in_the_zone_of_the_source(origin: Origin, picture: np.ndarray) -> None:
    """Half past eleven in UTC is half past midnight of the next day in the phantom's zone."""
    for made in make_objects(origin, KEY, picture):
        assert made.TimezoneOffsetFromUTC == "+0100"
        assert (made.ContentDate if "ContentDate" in made else made.SeriesDate) == "20260330"
        assert (made.InstanceCreationDate, made.InstanceCreationTime) == ("20260330", "003005")
        assert (made.SeriesDate, made.SeriesTime) == ("20260330", "003005")
        assert made.StudyDate.startswith("2020")


def test_the_same_answer_has_the_same_bytes_and_any_other_other_uids(
    origin: Origin, picture: np.ndarray, saved: Save
) -> None:
    first = [saved(each).read_bytes() for each in make_objects(origin, KEY, picture)]
    assert [saved(each).read_bytes() for each in make_objects(origin, KEY, picture)] == first
    others = (
        replace(origin, finding=replace(origin.finding, reason="undecided")),
        replace(origin, algorithm=replace(origin.algorithm, weights="cd" * 32)),
        replace(origin, algorithm=replace(origin.algorithm, parameters={"threshold": 0.5})),
        replace(origin, evidence=replace(origin.evidence, slices=origin.evidence.slices[:3])),
    )
    reports = [make_objects(each, KEY, picture).report for each in (origin, *others)]
    assert len({each.SOPInstanceUID for each in reports}) == len(reports)
    assert len({each.SeriesInstanceUID for each in reports}) == 1
    for made in reports:
        assert made.SOPInstanceUID.startswith("2.25.") and len(made.SOPInstanceUID) <= 44


def test_where_each_answer_is_given_once_uids_are_of_slices_model_and_number(
    origin: Origin, picture: np.ndarray
) -> None:
    once = replace(origin, earlier=Earlier())
    same = replace(once, finding=replace(once.finding, reason="undecided"), at=datetime.now(UTC))
    others = (
        replace(once, algorithm=replace(once.algorithm, weights="cd" * 32)),
        replace(once, evidence=replace(once.evidence, slices=once.evidence.slices[:3])),
        replace(once, number=2),
    )
    uids = [[made.SOPInstanceUID for made in make_objects(each, KEY, picture)] for each in (once, same, *others)]
    assert uids[0] == uids[1]
    assert len({uid for each in uids for uid in each}) == 12


@needs_dicom_tools
def test_a_later_answer_names_the_report_whose_place_it_takes(origin: Origin, picture: np.ndarray, saved: Save) -> None:
    first = make_objects(replace(origin, earlier=Earlier()), KEY, picture).report
    assert "PredecessorDocumentsSequence" not in first
    earlier = Earlier(1, Action.READ_FIRST, [Document(str(first.SOPInstanceUID), str(first.SeriesInstanceUID))])
    fewer = replace(origin.evidence, slices=origin.evidence.slices[:3])
    second = make_objects(replace(origin, evidence=fewer, number=2, earlier=earlier), KEY, picture).report
    (study,) = second.PredecessorDocumentsSequence
    (series,) = study.ReferencedSeriesSequence
    (item,) = series.ReferencedSOPSequence
    assert (study.StudyInstanceUID, series.SeriesInstanceUID) == (first.StudyInstanceUID, first.SeriesInstanceUID)
    assert (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) == (first.SOPClassUID, first.SOPInstanceUID)
    assert (second.SeriesInstanceUID, second.InstanceNumber) == (first.SeriesInstanceUID, 2)
    file = saved(second)
    assert dciodvfy(file) == []
    assert dsrdump(file) == []


def test_what_was_suspected_is_never_taken_back_without_a_radiologist() -> None:
    for action, earlier, later in (
        (Action.ROUTINE, Action.READ_FIRST, Action.READ_SOON),
        (Action.ROUTINE, Action.READ_SOON, Action.ROUTINE),
        (Action.READ_FIRST, Action.ROUTINE, Action.READ_FIRST),
        (Action.READ_SOON, Action.READ_FIRST, Action.READ_SOON),
        (Action.ROUTINE, None, Action.ROUTINE),
    ):
        assert Finding(action, {ANY: 0.1}).after(earlier).action is later


def test_a_head_in_part_is_partial_and_nothing_is_verified(origin: Origin, picture: np.ndarray) -> None:
    part = replace(origin, finding=replace(origin.finding, incomplete=True))
    for each, flag in ((origin, "COMPLETE"), (part, "PARTIAL")):
        made = make_objects(each, KEY, picture).report
        assert (made.CompletionFlag, made.VerificationFlag, made.PreliminaryFlag) == (flag, "UNVERIFIED", "PRELIMINARY")
        assert missing_rows(made) == []


def test_it_names_itself_as_equipment_beside_the_scanner(origin: Origin, picture: np.ndarray) -> None:
    for made in make_objects(origin, KEY, picture):
        purposes = [each.PurposeOfReferenceCodeSequence[0].CodeValue for each in made.ContributingEquipmentSequence]
        assert purposes[-1] == "110004"
        assert made.SoftwareVersions == ["0.4.1", "model abababababab"]
        assert made.SeriesDescription.endswith("not for diagnosis")
    assert purposes.count("110004") == 1


def test_without_a_zone_the_times_are_those_of_the_job(scan: Callable, origin: Origin, picture: np.ndarray) -> None:
    def remove(dataset: Dataset, index: int) -> None:
        del dataset.TimezoneOffsetFromUTC

    from bundle.dicom_results import read_evidence

    at = datetime.fromisoformat("2026-03-29T18:00:05-04:30")
    made = make_objects(replace(origin, evidence=read_evidence(scan(remove)), at=at), KEY, picture).report
    assert (made.ContentTime, made.TimezoneOffsetFromUTC) == ("180005", "-0430")
