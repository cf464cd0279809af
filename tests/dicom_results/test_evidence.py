"""Sources are what hospitals and data sets have: what cannot be referred to is said, and nothing fails."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.uid import CTImageStorage

from bundle.dicom_results import Origin, make_objects, read_evidence
from bundle.errors import InputError
from bundle.phantom import Conformant
from bundle.phantom.conformant import NAMES
from bundle.readers.dicom_values import quiet_pydicom
from tests.dicom_results.conftest import KEY
from tests.dicom_tools import dciodvfy, needs_dicom_tools

Scan = Callable[..., list[Path]]


def lacking(*keywords: str) -> Callable[[Dataset, int], None]:
    def change(dataset: Dataset, index: int) -> None:
        for keyword in keywords:
            delattr(dataset, keyword)

    return change


def with_values(**values: object) -> Callable[[Dataset, int], None]:
    def change(dataset: Dataset, index: int) -> None:
        for keyword, value in values.items():
            dataset[keyword] = pydicom.DataElement(keyword, dictionary_VR(keyword), value, validation_mode=0)

    return change


def one_differs(**values: object) -> Callable[[Dataset, int], None]:
    return lambda dataset, index: with_values(**values)(dataset, index) if index == 1 else None


IDENTITY = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "AccessionNumber")
REFUSED = {
    "UID with letters": (with_values(StudyInstanceUID="ID_04ef429610"), "has a StudyInstanceUID that is no DICOM UID"),
    "UID with a leading zero": (
        with_values(SeriesInstanceUID="1.02.3"),
        "has a SeriesInstanceUID that is no DICOM UID",
    ),
    "UID too long": (with_values(SOPInstanceUID="1." + "2" * 63), "has a SOPInstanceUID that is no DICOM UID"),
    "no study": (lacking("StudyInstanceUID"), "has a StudyInstanceUID that is no DICOM UID"),
    "empty study": (with_values(StudyInstanceUID=""), "has a StudyInstanceUID that is no DICOM UID"),
    "MR": (with_values(Modality="MR"), "results are of CT images alone"),
    "two studies": (one_differs(StudyInstanceUID="1.2.3"), "have several values of StudyInstanceUID"),
    "two patients": (one_differs(PatientID="other"), "have several values of PatientID"),
    "two SOP classes": (with_values(SOPClassUID=[CTImageStorage, "1.2.3"]), "has several values of SOPClassUID"),
    "a request that is none": (
        lambda dataset, index: dataset.add_new("RequestAttributesSequence", "LO", "hello"),
        "has a RequestAttributesSequence that is no sequence",
    ),
    "one slice twice": (with_values(SOPInstanceUID="1.2.3"), "have the same SOPInstanceUID"),
}
TAKEN = {
    "no SOP class": lacking("SOPClassUID"),
    "no modality": lacking("Modality"),
    "nothing of type 2": lacking(
        *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"),
        *("AccessionNumber", "ReferringPhysicianName", "Manufacturer", "TimezoneOffsetFromUTC"),
    ),
    "no place": lacking("ImageOrientationPatient", "ImagePositionPatient", "FrameOfReferenceUID"),
    "an impossible date": with_values(StudyDate="20230231", PatientBirthDate="unknown", StudyTime="25"),
    "an impossible sex": with_values(PatientSex="?"),
    "an impossible zone": with_values(TimezoneOffsetFromUTC="CET"),
    "values too long": with_values(PatientID="x" * 80, StudyID="y" * 30, AccessionNumber="z" * 30),
    "an unknown character set": with_values(SpecificCharacterSet="ISO_IR 999"),
    "private elements": lambda dataset, index: None,
}


@pytest.mark.parametrize(("change", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_no_pacs_could_file_is_refused_in_a_sentence(change: Callable, sentence: str, scan: Scan) -> None:
    with pytest.raises(InputError, match=sentence) as error:
        kind = Conformant() if change is not REFUSED["UID with letters"][0] else Conformant(character_set="ISO_IR 192")
        read_evidence(scan(change, kind))
    assert "ID_04ef429610" not in str(error.value)


@pytest.mark.parametrize("change", TAKEN.values(), ids=TAKEN)
def test_what_is_missing_or_odd_is_neither_made_up_nor_fatal(
    change: Callable, scan: Scan, origin: Origin, picture: np.ndarray, tmp_path: Path
) -> None:
    files = scan(change, Conformant(private=True))
    before = [file.read_bytes() for file in files]
    with quiet_pydicom():
        source = pydicom.dcmread(files[0])
        for made in make_objects(replace(origin, evidence=read_evidence(files)), KEY, picture):
            made.save_as(tmp_path / "made.dcm", enforce_file_format=True)
            read = pydicom.dcmread(tmp_path / "made.dcm")
            for keyword in IDENTITY:
                assert (read[keyword].value or "") == (source.get(keyword) or ""), keyword
            assert 0x0029 not in {element.tag.group for element in read}
    assert [file.read_bytes() for file in files] == before


def test_the_class_is_that_of_the_file_s_beginning(scan: Scan) -> None:
    assert read_evidence(scan(lacking("SOPClassUID"))).slices[0].SOPClassUID == CTImageStorage


def test_a_picture_is_no_source(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png is no DICOM file, so that there is no study"):
        read_evidence([tmp_path / "a.png"])


LATIN_1 = b"M\xfcller^A1"
"""Of a scanner that says ISO_IR 192 and writes Latin-1."""


def as_latin_1(files: list[Path]) -> list[Path]:
    for file in files:
        file.write_bytes(file.read_bytes().replace(b"MQller^A1", LATIN_1))
    return files


@pytest.mark.parametrize("keyword", ["PatientName", "PatientID", "IssuerOfPatientID", "AccessionNumber"])
def test_text_is_written_with_its_bytes_or_not_at_all(
    keyword: str, scan: Scan, origin: Origin, picture: np.ndarray, tmp_path: Path
) -> None:
    files = as_latin_1(scan(with_values(SpecificCharacterSet="ISO_IR 192", **{keyword: "MQller^A1"})))
    with pytest.raises(InputError, match=f"has characters in {keyword} that its SpecificCharacterSet does not know"):
        read_evidence(files)
    files = as_latin_1(scan(with_values(SpecificCharacterSet="ISO_IR 100", **{keyword: "MQller^A1"})))
    for made in make_objects(replace(origin, evidence=read_evidence(files)), KEY, picture):
        made.save_as(tmp_path / "made.dcm", enforce_file_format=True)
        assert pydicom.dcmread(tmp_path / "made.dcm").get_item(keyword).value.strip() == LATIN_1


@pytest.mark.parametrize("keyword", ["StudyDescription", "ReferringPhysicianName", "ProcedureCodeSequence"])
def test_a_description_that_its_character_set_does_not_know_is_left_out(
    keyword: str, scan: Scan, caplog: pytest.LogCaptureFixture
) -> None:
    def describe(dataset: Dataset, index: int) -> None:
        item = Dataset()
        item.CodeMeaning = "MQller^A1"
        setattr(dataset, keyword, [item] if keyword.endswith("Sequence") else "MQller^A1")
        dataset.SpecificCharacterSet = "ISO_IR 192"

    evidence = read_evidence(as_latin_1(scan(describe)))
    assert not evidence.patient_and_study.get(keyword)
    assert f"{keyword} is left out of DICOM results" in caplog.text


@pytest.mark.parametrize("keyword", ["PatientID", "IssuerOfPatientID", "PatientName"])
def test_results_of_a_patient_whose_identity_was_corrected_have_other_uids(
    keyword: str, scan: Scan, origin: Origin
) -> None:
    answers = [
        replace(origin, evidence=read_evidence(scan(with_values(**{keyword: value}))))
        for value in ("UNKNOWN", "UNKNOWN", "MEIER")
    ]
    for found in (
        [answer.uid("SR") for answer in answers],
        [answer.arguments("SR")["series_instance_uid"] for answer in answers],
    ):
        assert found[0] == found[1] != found[2]


@needs_dicom_tools
@pytest.mark.parametrize("character_set", NAMES)
def test_names_keep_their_bytes(
    character_set: str, scan: Scan, origin: Origin, picture: np.ndarray, tmp_path: Path
) -> None:
    files = scan(kind=Conformant(character_set))
    name = pydicom.dcmread(files[0]).get_item("PatientName").value
    assert isinstance(name, bytes)
    for made in make_objects(replace(origin, evidence=read_evidence(files)), KEY, picture):
        made.save_as(tmp_path / "made.dcm", enforce_file_format=True)
        assert pydicom.dcmread(tmp_path / "made.dcm").get_item("PatientName").value == name
        assert dciodvfy(tmp_path / "made.dcm") == []


@needs_dicom_tools
def test_what_the_scan_was_asked_for_is_taken_over(
    scan: Scan, origin: Origin, picture: np.ndarray, tmp_path: Path
) -> None:
    def ask(dataset: Dataset, index: int) -> None:
        request = Dataset()
        request.RequestedProcedureID, request.ScheduledProcedureStepID = "P17", "S17"
        request.RequestedProcedureDescription = "CT head"
        dataset.RequestAttributesSequence = [request]

    made = make_objects(replace(origin, evidence=read_evidence(scan(ask))), KEY, picture).report
    (request,) = made.ReferencedRequestSequence
    assert (request.RequestedProcedureID, request.RequestedProcedureDescription) == ("P17", "CT head")
    assert (request.StudyInstanceUID, request.AccessionNumber) == (made.StudyInstanceUID, made.AccessionNumber)
    made.save_as(tmp_path / "made.dcm", enforce_file_format=True)
    assert dciodvfy(tmp_path / "made.dcm") == []
