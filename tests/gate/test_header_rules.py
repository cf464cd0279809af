from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.errors import InputError
from bundle.gate import HeaderFacts, Kind, LeftOut, Outcome, find_kind, judge_series, judge_slice, require_scorable
from bundle.readers.dicom_file import parse_dicom
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import quiet_pydicom
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom

SCOUT = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
SAGITTAL, CORONAL = [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1]

KINDS = {
    "head CT": (Kind.HEAD_CT, {}),
    "gantry tilt": (Kind.HEAD_CT, {"ImageOrientationPatient": [1, 0, 0, 0, 0.9, -0.43]}),
    "nothing optional": (Kind.HEAD_CT, {"ImageType": None, "SliceThickness": None, "PatientID": None}),
    "soft kernel": (Kind.HEAD_CT, {"ConvolutionKernel": ["Hr40f", "3"], "RescaleType": "HU"}),
    "scout": (Kind.SCOUT, {"ImageType": SCOUT}),
    "scout by name": (Kind.SCOUT, {"SeriesDescription": "Topogram 0.6"}),
    "scout as capture": (
        Kind.SCOUT,
        {"SOPClassUID": SECONDARY_CAPTURE, "ImageType": ["DERIVED", "SECONDARY", "REF_SURVIEW"]},
    ),
    "capture": (Kind.SECONDARY_CAPTURE, {"SOPClassUID": SECONDARY_CAPTURE}),
    "capture in colour": (Kind.SECONDARY_CAPTURE, {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3}),
    "dose screen": (Kind.SECONDARY_CAPTURE, {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}),
    "X-ray": (Kind.OTHER_MODALITY, {"Modality": "CR"}),
    "segmentation": (Kind.LABEL_MAP, {"Modality": "SEG", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4"}),
    "perfusion map": (
        Kind.PERFUSION_MAP,
        {"ImageType": ["DERIVED", "PRIMARY", "PERFUSION", "CBF"], "RescaleType": "US"},
    ),
    "iodine map": (Kind.DERIVED_MAP, {"RescaleType": "MGML"}),
    "projection": (Kind.DERIVED_MAP, {"ImageType": ["DERIVED", "SECONDARY", "AXIAL", "MIP"]}),
    "sagittal": (Kind.NOT_AXIAL, {"ImageOrientationPatient": SAGITTAL}),
    "coronal reformat": (
        Kind.NOT_AXIAL,
        {"ImageOrientationPatient": CORONAL, "ImageType": ["DERIVED", "SECONDARY", "REFORMATTED"]},
    ),
    "chest": (Kind.NOT_A_HEAD, {"BodyPartExamined": "CHEST"}),
    "MR": (Kind.MR, {"Modality": "MR", "RescaleType": "US"}),
    "unspecified unit": (Kind.UNKNOWN_UNIT, {"RescaleType": "US"}),
    "contrast by agent": (Kind.CONTRAST, {"ContrastBolusAgent": "OMNIPAQUE 300"}),
    "contrast by name": (Kind.CONTRAST, {"SeriesDescription": "HEAD C+"}),
    "bone kernel": (Kind.BONE_KERNEL, {"ConvolutionKernel": "H60s"}),
    "bone by name": (Kind.BONE_KERNEL, {"SeriesDescription": "BONE"}),
    "axial reformat": (Kind.REFORMAT, {"ImageType": ["DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"]}),
    "pixels that are not square": (Kind.REFORMAT, {"PixelSpacing": [0.5, 1.5]}),
    "pixels that are nearly square": (Kind.HEAD_CT, {"PixelSpacing": [0.5, 0.9]}),
}


def opened(folder, **elements):
    return parse_dicom(write_dicom(folder / "a.dcm", make_dicom(head_hu(16), **elements)), header_only=True)


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_of_a_slice(tmp_path, name):
    kind, elements = KINDS[name]
    facts, finding = judge_slice(opened(tmp_path, **elements))
    assert finding.kind is kind
    judgement = judge_series([facts], finding)
    assert (judgement.kind, judgement.outcome) == (kind, kind.outcome)
    assert bool(judgement.reason) == (kind is not Kind.HEAD_CT)


def test_a_report_is_no_image_and_an_image_without_pixels_is_for_the_reader_to_refuse():
    report = HeaderFacts(has_pixels=False, sop_class="1.2.840.10008.5.1.4.1.1.88.67", modality="SR")
    assert find_kind(report).reason == "its SOP class is X-Ray Radiation Dose SR Storage"
    assert find_kind(replace(report, sop_class="")).kind is Kind.NO_IMAGE
    assert find_kind(HeaderFacts(has_pixels=False)).kind is Kind.HEAD_CT


def test_what_is_left_out_says_why_and_comes_back_from_a_worker(tmp_path):
    with pytest.raises(LeftOut, match=r"left out \(scout\): its ImageType says LOCALIZER") as caught:
        require_scorable(opened(tmp_path, ImageType=SCOUT))
    copy = deepcopy(caught.value)  # by the same way as pickle
    assert (str(copy), copy.finding, copy.file) == (str(caught.value), caught.value.finding, str(tmp_path / "a.dcm"))
    require_scorable(opened(tmp_path, ConvolutionKernel="H60s"))  # with a caution


def test_the_judgement_of_a_series_names_what_it_found(tmp_path):
    header = {"SeriesDescription": "Head 5mm", "ConvolutionKernel": "H31s", "SliceThickness": 4.8}
    found = [judge_slice(opened(tmp_path, ImagePositionPatient=[0, 0, z], **header)) for z in (0, 5, 10, 17)]
    judgement = judge_series([facts for facts, _ in found], found[0][1])
    assert (judgement.modality, judgement.unit, judgement.orientation, judgement.kernel) == (
        "CT",
        "HU",
        "axial",
        "H31s",
    )
    assert (judgement.thickness, judgement.spacing, judgement.description) == (4.8, 5.0, "Head 5mm")
    assert str(judgement) == "scored (head CT)"


ANY_TEXT = st.none() | st.text("ACDEHILMORTU0369\\ _+-", max_size=12) | st.sampled_from(
    ["LOCALIZER", "HU", "US", "OD", "MIP", "CBF", "BONE", "Head C+", "CHEST", "MR", "CT", "SR", "SEG"]
)  # fmt: skip
NUMBERS = st.none() | st.lists(st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e9]), min_size=1, max_size=6)
TEXTS = (
    *("SOPClassUID", "Modality", "ImageType", "SeriesDescription", "BodyPartExamined", "ConvolutionKernel"),
    *("ContrastBolusAgent", "RescaleType", "PhotometricInterpretation", "PatientID"),
)
PLACES = ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "SliceThickness")


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(TEXTS, ANY_TEXT) | dict.fromkeys(PLACES, NUMBERS)))
def test_any_header_has_one_outcome_and_a_reason_or_is_bad_input(elements):
    dicom = DicomSlice(Path("a.dcm"), make_dicom(head_hu(4)))
    for name, value in elements.items():
        if value is None:
            dicom.dataset.pop(name, None)
        else:
            with quiet_pydicom():
                setattr(dicom.dataset, name, value)
    try:
        facts, finding = judge_slice(dicom)
    except InputError as error:
        assert error.problem and error.remedy
        return
    judgement = judge_series([facts], finding)
    assert judgement.outcome in Outcome
    assert judgement.reason or judgement.outcome is Outcome.SCORED
    assert judgement.kind is not Kind.MR or judgement.outcome is Outcome.CAUTION
