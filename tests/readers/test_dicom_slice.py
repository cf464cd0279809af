import math
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.readers.dicom_file import open_dicom, parse_dicom
from bundle.readers.dicom_slice import DicomSlice
from bundle.readers.dicom_values import TAGS
from bundle.readers.geometry import slice_position
from tests.readers.dicom_examples import SERIES, head_hu, make_dicom, write_dicom

PATH = Path("scan/a.dcm")
VRS = ["CS", "DS", "IS", "LO", "UI", "AS", "US", "SS", "OW", "SQ", "FD", "PN", "UN"]


def of_bytes(**values):
    """Return a slice whose elements have a VR and bytes that nothing has parsed."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword, (vr, value) in values.items():
        tag = TAGS.get(keyword, keyword)
        dataset[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    return DicomSlice(PATH, dataset)


def or_none(read):
    """Return what `read` returns, or None where it raises the error that names the file; no other may come."""
    try:
        return read()
    except InputError as error:
        assert error.file == PATH
        assert "\n" not in error.problem and error.remedy
        return None


def numbers(count):
    return st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=count, max_size=count).map(tuple)


ANY_BYTES = st.binary(max_size=24) | st.text("0123456789+-.eE\\ \0", max_size=24).map(str.encode)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.sampled_from(VRS), ANY_BYTES, st.integers(1, 6))
def test_any_bytes_are_as_many_finite_numbers_or_bad_input(vr, value, count):
    dicom, default = of_bytes(PixelSpacing=(vr, value)), (0.5,) * count
    values = or_none(lambda: dicom.decimals("PixelSpacing", default))
    if value == b"":
        assert values == default
    elif values is not None:
        assert len(values) == count
        assert all(math.isfinite(each) for each in values)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.sampled_from(VRS), ANY_BYTES, st.sampled_from([b"", b"ISO_IR 192", b"ISO_IR 100", b"\\ISO 2022 IR 87", b"?"]))
def test_any_bytes_are_text_or_bad_input(vr, value, character_set):
    dicom = of_bytes(SpecificCharacterSet=("CS", character_set), SeriesDescription=(vr, value))
    text = or_none(lambda: dicom.text("SeriesDescription"))
    assert text is None or isinstance(text, str)
    if value.isascii() and b"\x1b" not in value:
        whole = value.decode().lstrip(" ").rstrip(" \0")
        refused = set(map(chr, [*range(32), 127])) - set("\t\n\v\f\r")
        assert text == (None if refused & set(whole) else whole)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.sampled_from(VRS), ANY_BYTES)
def test_any_bytes_are_a_whole_number_or_bad_input(vr, value):
    number = or_none(lambda: of_bytes(Rows=(vr, value)).unsigned("Rows"))
    assert number is None or isinstance(number, int)
    if len(value) == 2:
        assert number == int.from_bytes(value, "little")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(TAGS)), st.tuples(st.sampled_from(VRS), ANY_BYTES), max_size=8))
def test_any_header_has_a_place_or_is_bad_input(values):
    dicom = of_bytes(**values)
    position = or_none(lambda: dicom.position)
    assert position is None or isinstance(position, float)
    affine = or_none(lambda: dicom.affine)
    assert affine is None or affine.shape == (4, 4)
    assert isinstance(or_none(lambda: dicom.modality), str | None)
    assert isinstance(or_none(lambda: dicom.shape), tuple | None)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(numbers(6))
def test_numbers_come_back_as_they_were_written(values):
    written = "\\".join(map(repr, values)).encode()
    dicom = of_bytes(ImageOrientationPatient=("DS", written + b"\0" * (len(written) % 2)))
    assert dicom.decimals("ImageOrientationPatient", (0.0,) * 6) == values


def test_what_is_absent_or_empty():
    dicom = of_bytes(SliceThickness=("DS", b""))
    assert dicom.decimals("SliceThickness", (math.inf,)) == dicom.decimals("PixelSpacing", (math.inf,)) == (math.inf,)
    assert (dicom.text("Modality"), dicom.unsigned("Rows"), dicom.has("SliceThickness")) == ("", 0, False)
    assert (dicom.modality, dicom.position, dicom.intensity) == ("", None, Intensity.ARBITRARY)
    np.testing.assert_array_equal(dicom.affine, np.diag([-1.0, -1.0, 1.0, 1.0])[:, [1, 0, 2, 3]])


@pytest.mark.parametrize("header_only", [False, True])
def test_a_slice_knows_where_it_lies_and_what_it_is(tmp_path, header_only):
    path = write_dicom(tmp_path / "a.dcm", make_dicom(head_hu()[:, :24], ConvolutionKernel=["Hr68h", "3"]))
    dicom = open_dicom(path, header_only)
    assert (dicom.path, dicom.shape, dicom.position) == (path, (32, 24), 40.0)
    assert (dicom.modality, dicom.intensity) == ("CT", Intensity.HU)
    assert (dicom.text("SeriesInstanceUID"), dicom.text("ConvolutionKernel")) == (SERIES, "Hr68h\\3")
    np.testing.assert_allclose(dicom.affine @ (2, 4, 1, 1), (119, 109, 45, 1))
    assert dicom.affine is dicom.affine


@settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_header_is_read_or_is_bad_input(tmp_path, data):
    path = write_dicom(tmp_path / "a.dcm", make_dicom(head_hu(8), SOPInstanceUID="1.2.3"))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(128, len(content) - 129))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        dicom = open_dicom(path, header_only=True)
        texts, position = [dicom.text(keyword) for keyword in TAGS if keyword != "PixelData"], dicom.position
    except InputError as error:
        assert error.file == path
    else:
        assert dicom.modality in ("CT", "MR")
        assert all(isinstance(text, str) for text in texts)
        assert position is None or np.isfinite(position)


def swallowing_the_name(path, syntax, keyword, **elements):
    """Write a slice whose element `keyword` is said to be so long that the patient's name is the end of its value."""
    implicit, little = syntax.is_implicit_VR, syntax.is_little_endian
    dataset = make_dicom(head_hu(16), **elements)
    dataset.file_meta.TransferSyntaxUID = syntax
    pydicom.dcmwrite(path, dataset, implicit_vr=implicit, little_endian=little, enforce_file_format=True)
    content = bytearray(path.read_bytes())
    order = "little" if little else "big"
    tag = TAGS[keyword]
    at = content.rindex(tag.group.to_bytes(2, order) + tag.element.to_bytes(2, order)) + (4 if implicit else 6)
    size = 4 if implicit else 2
    end = content.index(b"Name") + 4
    content[at : at + size] = (end - at - size).to_bytes(size, order)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("keyword", ["ImageType", "SOPInstanceUID", "Modality", "Manufacturer", "SeriesDescription"])
@pytest.mark.parametrize("character_set", [None, "ISO_IR 192", "ISO_IR 100"])
@pytest.mark.parametrize("before_it", ["short", "a text longer than a header " * 200])
def test_a_wrong_length_that_takes_in_the_name_is_damage_and_does_not_show_it(
    tmp_path, syntax, keyword, character_set, before_it
):
    name = "Secret^Name" if character_set is None else "Sécrèt^Name"
    elements = {"SpecificCharacterSet": character_set, "PatientName": name, "LongCodeValue": before_it}
    texts = {"SeriesDescription": "HEAD", "Manufacturer": "maker"}
    path = swallowing_the_name(tmp_path / "a.dcm", syntax, keyword, **texts, **elements)
    for header_only in (True, False):
        with pytest.raises(InputError) as caught:
            parse_dicom(path, header_only).text(keyword)
        assert f"has a damaged {keyword} (" in str(caught.value) and "Name" not in str(caught.value)


@pytest.mark.parametrize(
    ("vr", "value"), [("OB", b"\xff\0Name"), ("SQ", b"\xfe\xff\0\xe0\0\0\0\0"), ("UN", b"\xe9\1Name")]
)
def test_what_is_no_text_is_not_shown_as_one(vr, value):
    with pytest.raises(InputError) as caught:
        of_bytes(SeriesDescription=(vr, value)).text("SeriesDescription")
    assert "Name" not in str(caught.value)


def test_white_space_in_a_text_is_no_damage():
    text = of_bytes(SeriesDescription=("LO", b" HEAD\t5 mm\r\nthin\0")).text("SeriesDescription")
    assert text == "HEAD\t5 mm\r\nthin"


def test_several_values_are_joined_in_any_character_set():
    dicom = of_bytes(SpecificCharacterSet=("CS", b"ISO_IR 192"), SeriesDescription=("LO", "Schädel\\nativ".encode()))
    assert dicom.text("SeriesDescription") == "Schädel\\nativ"


@pytest.mark.parametrize("keyword", ["Rows", "PixelSpacing", "ImageType"])
def test_an_element_that_is_longer_than_a_header_is_bad_input_where_it_cannot_be_parsed(tmp_path, keyword):
    dataset = pydicom.dcmread(write_dicom(tmp_path / "a.dcm", make_dicom(head_hu())))
    tag = TAGS[keyword]
    dataset[tag] = RawDataElement(tag, "US", 5001, b"\1" * 5001, 0, False, True)  # read when it is asked for
    dataset.save_as(tmp_path / "a.dcm")
    dicom = parse_dicom(tmp_path / "a.dcm", header_only=True)
    for ask in (dicom.has, dicom.text, dicom.unsigned, lambda keyword: dicom.decimals(keyword, (1.0,))):
        with pytest.raises(InputError, match=rf"a\.dcm has an? (damaged|unreadable) {keyword} \("):
            ask(keyword)


@settings(derandomize=True, deadline=None)
@given(st.tuples(*[st.floats(-1, 1).map(lambda value: round(value, 6))] * 6), st.tuples(*[st.floats(-1e3, 1e3)] * 3))
def test_a_position_is_that_of_the_affine(orientation, origin):
    text = "\\".join
    dicom = of_bytes(
        ImageOrientationPatient=("DS", text(map(repr, orientation)).encode()),
        ImagePositionPatient=("DS", text(map(repr, origin)).encode()),
        PixelSpacing=("DS", b"0.5\\0.25"),
    )
    affine, position = or_none(lambda: dicom.affine), or_none(lambda: dicom.position)
    assert (affine is None) == (position is None)
    if affine is not None:
        assert position == pytest.approx(slice_position(affine), abs=1e-6)
