"""The capture and the key objects."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from bundle.dicom_results import Finding, Origin, make_objects, read_evidence
from tests.dicom_results.conftest import KEY, RECORD
from tests.dicom_tools import dciodvfy, dsrdump, needs_dicom_tools, pixelmed

Save = Callable[[Dataset], Path]
KNOWN = ["W: Check for template constraints not yet supported"]
"""What dsrdump says of any Key Object Selection."""


@needs_dicom_tools
def test_dciodvfy_says_nothing_of_them(origin: Origin, picture: np.ndarray, saved: Save) -> None:
    _, capture, selection = make_objects(origin, KEY, picture)
    assert dciodvfy(saved(capture)) == []
    assert dciodvfy(saved(selection)) == []
    assert dsrdump(saved(selection)) == KNOWN


@needs_dicom_tools
def test_pixelmed_finds_no_fault_with_the_key_objects(origin: Origin, picture: np.ndarray, saved: Save) -> None:
    assert pixelmed(saved(make_objects(origin, KEY, picture).key_objects)) == ([], [])


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("read first", "The head: read first, P(any) 0.91."),
        ("read soon", "The head: read soon, undetermined, P(any) 0.91."),
        ("routine", "The head: routine, no hemorrhage found, P(any) 0.91."),
    ],
)
def test_the_capture_carries_the_verdict(action: str, said: str, origin: Origin, picture: np.ndarray) -> None:
    finding = Finding.of({**RECORD, "action": action, "refer_reason": "not a whole head; 3 of its slices failed"})
    comments = make_objects(replace(origin, finding=finding), KEY, picture).capture.ImageComments
    assert comments.startswith(said) and "not a whole head; 3 of its slices failed" in comments
    assert finding.captions[1] == finding.reason


def test_what_names_a_person_in_the_pixels_of_a_slice_does_so_in_its_capture(
    origin: Origin, picture: np.ndarray
) -> None:
    slices = deepcopy(origin.evidence.slices)
    slices[KEY].BurnedInAnnotation = "YES"
    objects = make_objects(replace(origin, evidence=replace(origin.evidence, slices=slices)), KEY, picture)
    assert objects.capture.BurnedInAnnotation == "YES"


def test_the_capture_is_the_picture_and_says_of_which_slice(origin: Origin, picture: np.ndarray, saved: Save) -> None:
    capture = pydicom.dcmread(saved(make_objects(origin, KEY, picture).capture))
    np.testing.assert_array_equal(capture.pixel_array, picture)
    assert capture.SOPClassUID == SecondaryCaptureImageStorage
    assert (capture.PhotometricInterpretation, capture.BitsStored) == ("RGB", 8)
    assert (capture.Modality, capture.ConversionType, capture.BurnedInAnnotation) == ("OT", "WSD", "NO")
    assert capture.ImageType[:2] == ["DERIVED", "SECONDARY"]
    for keyword in ("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "FrameOfReferenceUID"):
        assert keyword not in capture, keyword
    (source,) = capture.SourceImageSequence
    assert source.ReferencedSOPInstanceUID == origin.evidence.slices[KEY].SOPInstanceUID
    assert source.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
    assert capture.DerivationCodeSequence[0].CodeValue == "130403"
    assert capture.PatientOrientation == ["L", "P"]


@pytest.mark.parametrize(
    ("cosines", "letters"),
    [([-1, 0, 0, 0, 1, 0], ["R", "P"]), ([0.1, -0.99, 0, 0, 0, -1], ["A", "F"]), ([1, 0], [])],
)
def test_its_orientation_is_that_of_the_slice(
    cosines: list[float], letters: list[str], scan: Callable, origin: Origin, picture: np.ndarray
) -> None:
    def turn(dataset: Dataset, index: int) -> None:
        dataset.ImageOrientationPatient = cosines

    made = make_objects(replace(origin, evidence=read_evidence(scan(turn))), KEY, picture)
    assert list(made.capture.PatientOrientation or []) == letters


@needs_dicom_tools
def test_the_capture_says_what_its_source_lost_and_how_its_pixels_are_shaped(
    origin: Origin, picture: np.ndarray, saved: Save
) -> None:
    plain = make_objects(origin, KEY, picture).capture
    assert "PixelAspectRatio" not in plain and "LossyImageCompression" not in plain
    source = deepcopy(origin.evidence.slices[KEY])
    source.PixelSpacing, source.LossyImageCompression = [1.0, 0.5], "01"
    source.LossyImageCompressionRatio, source.LossyImageCompressionMethod = 12.5, "ISO_15444_1"
    slices = [source if index == KEY else each for index, each in enumerate(origin.evidence.slices)]
    capture = make_objects(replace(origin, evidence=replace(origin.evidence, slices=slices)), KEY, picture).capture
    assert [int(value) for value in capture.PixelAspectRatio] == [2, 1]
    assert (capture.LossyImageCompression, capture.LossyImageCompressionRatio) == ("01", 12.5)
    assert capture.LossyImageCompressionMethod == "ISO_15444_1"
    assert dciodvfy(saved(capture)) == []


@pytest.mark.parametrize(("method", "code"), [("gradcam++", "130403"), ("occlusion", "130404"), ("evidence", "130402")])
def test_the_capture_says_how_the_map_was_made(method: str, code: str, origin: Origin, picture: np.ndarray) -> None:
    other = replace(origin, algorithm=replace(origin.algorithm, method=method))
    assert make_objects(other, KEY, picture).capture.DerivationCodeSequence[0].CodeValue == code


def test_the_key_objects_are_the_slice_and_its_picture(origin: Origin, picture: np.ndarray) -> None:
    _, capture, selection = make_objects(origin, KEY, picture)
    items = [item for item in selection.ContentSequence if item.ValueType == "IMAGE"]
    named = [item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in items]
    assert named == [origin.evidence.slices[KEY].SOPInstanceUID, capture.SOPInstanceUID]
    assert selection.ConceptNameCodeSequence[0].CodeValue == "113000"
    evidence = {
        each.ReferencedSOPInstanceUID
        for series in selection.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
        for each in series.ReferencedSOPSequence
    }
    assert evidence == set(named)
    assert selection.Modality == "KO"
