import struct

import gdcm
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from monai.transforms import LoadImaged
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from bundle.errors import InputError
from bundle.intensity import Intensity
from bundle.readers import AIR, HeadImageReader, read_dicom_slice
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom

KINDS = [(12, False), (12, True), (16, False), (16, True)]


def read(path):
    reader = HeadImageReader()
    return reader.get_data(reader.read(path))


@pytest.mark.parametrize(("bits", "signed"), KINDS)
@pytest.mark.parametrize("intercept", [-1024, -1000])
def test_slice_in_hu_as_displayed(tmp_path, bits, signed, intercept):
    hu = head_hu()[:, :24]
    hu[0, :3] = (-1000, 500, 1000)
    array, meta = read(
        write_dicom(tmp_path / "a.dcm", make_dicom(hu, bits=bits, signed=signed, RescaleIntercept=intercept))
    )
    np.testing.assert_array_equal(array, hu)
    assert array.dtype == np.float32
    assert (meta["intensity"], meta["modality"], meta["original_channel_dim"]) == ("HU", "CT", "no_channel")
    assert type(meta["intensity"]) is str
    assert tuple(meta["spatial_shape"]) == hu.shape


@settings(derandomize=True, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([(bits, signed) for bits in range(11, 17) for signed in (False, True)]), st.data())
def test_any_bits_and_dirty_unused_bits(tmp_path, kind, data):
    bits, signed = kind
    hu = np.array(data.draw(st.lists(st.integers(-1000, 0), min_size=12, max_size=12))).reshape(3, 4)
    dataset = make_dicom(hu, bits=bits, signed=signed, RescaleIntercept=-1000)
    dirt = (data.draw(st.integers(0, 0xFFFF)) << bits) & 0xFFFF
    stored = np.frombuffer(dataset.PixelData, "u2") & ((1 << bits) - 1) | np.uint16(dirt)
    dataset.PixelData = stored.astype("u2").tobytes()
    array, _ = read(write_dicom(tmp_path / "a.dcm", dataset))
    np.testing.assert_array_equal(array, hu)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("high", [12, 13, 15])
def test_values_above_unused_bits_are_lowered_and_a_wrong_high_bit_is_overlooked(tmp_path, high, signed):
    hu = head_hu()
    dataset = make_dicom(hu, bits=12, signed=signed)
    dataset.HighBit = high
    array, _ = read(write_dicom(tmp_path / "low.dcm", dataset))
    np.testing.assert_array_equal(array, hu)
    raised = (np.frombuffer(dataset.PixelData, "u2") & 0xFFF) << (high - 11)
    dataset.PixelData = raised.astype("u2").tobytes()
    array, _ = read(write_dicom(tmp_path / "high.dcm", dataset))
    np.testing.assert_array_equal(array, hu)


def test_bits_that_no_value_can_have_are_refused(tmp_path):
    dirty = make_dicom(head_hu(), bits=12, signed=False, HighBit=15)
    dirty.PixelData = (np.frombuffer(dirty.PixelData, "u2") | 0x8001).tobytes()
    with pytest.raises(InputError, match="BitsStored 12 and HighBit 15 fit no values"):
        read(write_dicom(tmp_path / "dirty.dcm", dirty))
    with pytest.raises(InputError, match="BitsStored 20 of BitsAllocated 16"):
        read(write_dicom(tmp_path / "many.dcm", make_dicom(head_hu(), BitsStored=20, HighBit=19)))


def test_unsigned_wrap_is_undone(tmp_path):
    dataset = make_dicom(head_hu(), RescaleIntercept=0)
    dataset.PixelRepresentation = 0  # of values that are signed
    array, _ = read(write_dicom(tmp_path / "a.dcm", dataset))
    np.testing.assert_array_equal(array, head_hu())


def test_affine_takes_pixels_to_ras(tmp_path):
    _, meta = read(write_dicom(tmp_path / "a.dcm", make_dicom(head_hu())))
    np.testing.assert_allclose(meta["affine"] @ (0, 0, 0, 1), (120, 110, 40, 1))
    np.testing.assert_allclose(meta["affine"] @ (2, 0, 0, 1), (120, 109, 40, 1))  # two rows of 0.5 mm to posterior
    np.testing.assert_allclose(meta["affine"] @ (0, 4, 0, 1), (119, 110, 40, 1))  # four columns of 0.25 mm to the left
    np.testing.assert_allclose(meta["affine"] @ (0, 0, 1, 1), (120, 110, 45, 1))


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
@pytest.mark.parametrize(("bits", "signed"), KINDS)
def test_compressed(tmp_path, syntax, bits, signed):
    hu = head_hu()
    dataset = make_dicom(hu, bits=bits, signed=signed, RescaleIntercept=0 if signed else -1024)
    dataset.compress(syntax, generate_instance_uid=False)
    array, _ = read(write_dicom(tmp_path / "a.dcm", dataset))
    np.testing.assert_array_equal(array, hu)


def write_jpeg_lossless(path, dataset, syntax=gdcm.TransferSyntax.JPEGLosslessProcess14_1):
    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(write_dicom(path.with_name("uncompressed.dcm"), dataset)))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    assert b"\xff\xd8\xff\xc3" in path.read_bytes()
    return path


@pytest.mark.parametrize("syntax", ["JPEGLosslessProcess14_1", "JPEGLosslessProcess14"])
@pytest.mark.parametrize(("bits", "signed"), KINDS)
def test_jpeg_lossless(tmp_path, syntax, bits, signed):
    dataset = make_dicom(head_hu(), bits=bits, signed=signed)
    path = write_jpeg_lossless(tmp_path / "a.dcm", dataset, getattr(gdcm.TransferSyntax, syntax))
    np.testing.assert_array_equal(read(path)[0], head_hu())


@pytest.mark.parametrize(("at", "byte"), [(0, 0), (6, 86), (7, 1), (10, 9), (11, 3), (15, 239), (16, 0xC1)], ids=str)
def test_a_damaged_jpeg_header_does_not_end_the_process(tmp_path, at, byte):
    path = write_jpeg_lossless(tmp_path / "a.dcm", make_dicom(head_hu()))
    content = bytearray(path.read_bytes())
    content[content.index(b"\xff\xd8\xff\xc3") + at] = byte
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be decoded.*JPEG"):
        read(path)


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_other_encodings(tmp_path, syntax):
    hu = head_hu()
    dataset = make_dicom(hu, PixelPaddingValue=-24)
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<i2").astype(">i2").tobytes()
    path = tmp_path / "a.dcm"
    dataset.save_as(
        path, little_endian=syntax.is_little_endian, implicit_vr=syntax.is_implicit_VR, enforce_file_format=True
    )
    np.testing.assert_array_equal(read(path)[0], hu)


def test_padding_and_values_outside_the_field_of_view_are_air(tmp_path):
    hu = head_hu()
    hu[:2], hu[-2:], hu[2, :4] = -1500, -2000, 3000
    dataset = make_dicom(hu, RescaleIntercept=0, PixelPaddingValue=2998, PixelPaddingRangeLimit=3001)
    array, _ = read(write_dicom(tmp_path / "a.dcm", dataset))
    expected = np.where(hu == 3000, AIR, np.maximum(hu, AIR))
    np.testing.assert_array_equal(array, expected)


def test_padding_written_with_the_wrong_sign_is_air(tmp_path):
    hu = head_hu()
    hu[:2] = -900
    dataset = make_dicom(hu, RescaleIntercept=0)
    dataset.add_new("PixelPaddingValue", "US", 65536 - 900)
    array, _ = read(write_dicom(tmp_path / "a.dcm", dataset))
    np.testing.assert_array_equal(array, np.where(hu == -900, AIR, hu))


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        *[((12, False), 63536, 0), ((12, False), 62512, None), ((12, False), 0, 64536)],
        *[((16, False), 63536, 0), ((16, True), 63536, 1100), ((12, True), 61940, None)],
    ],
)
def test_padding_that_no_pixel_can_have_and_a_range_across_zero_take_nothing_of_the_head(tmp_path, kind, first, last):
    bits, signed = kind
    hu = np.arange(1100).reshape(44, 25) - 1024
    dataset = make_dicom(hu, bits=bits, signed=signed)
    for keyword, value in (("PixelPaddingValue", first), ("PixelPaddingRangeLimit", last)):
        if value is not None:
            dataset.add_new(keyword, "US", value)
    np.testing.assert_array_equal(read(write_dicom(tmp_path / "a.dcm", dataset))[0], hu)


def test_mr_has_stored_values_bright_side_up(tmp_path):
    values = np.arange(12).reshape(3, 4)
    kwargs = {"Modality": "MR", "RescaleSlope": None, "RescaleIntercept": None}
    array, meta = read(write_dicom(tmp_path / "a.dcm", make_dicom(values, bits=12, signed=False, **kwargs)))
    np.testing.assert_array_equal(array, values)
    assert (meta["intensity"], meta["modality"]) == (Intensity.ARBITRARY, "MR")
    dataset = make_dicom(4095 - values, bits=12, signed=False, PhotometricInterpretation="MONOCHROME1", **kwargs)
    np.testing.assert_array_equal(read(write_dicom(tmp_path / "b.dcm", dataset))[0], values)
    dataset = make_dicom(values, Modality="MR", RescaleSlope=0.5, RescaleIntercept=-3)
    np.testing.assert_array_equal(read(write_dicom(tmp_path / "c.dcm", dataset))[0], values)


def test_nothing_in_the_meta_identifies_a_person(tmp_path):
    _, meta = read(write_dicom(tmp_path / "a.dcm", make_dicom(head_hu())))
    assert set(meta) == {"affine", "spatial_shape", "original_channel_dim", "space", "intensity", "modality"}
    assert "SECRET" not in str(meta).upper()


def test_odd_values_that_do_no_harm_are_read_without_a_warning(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", make_dicom(head_hu()))
    path.write_bytes(path.read_bytes().replace(b"1.2.826.0.1.1.1\0", b"1.02.26.ID_a/b c"))
    np.testing.assert_array_equal(read(path)[0], head_hu())


SENTENCES = {
    "localizer": ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "scout.*LOCALIZER"),
    "colour": ({"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}, "colour.*RGB"),
    "palette": ({"PhotometricInterpretation": "PALETTE COLOR"}, "colour.*PALETTE COLOR"),
    "frames": ({"NumberOfFrames": 7}, "7 frames"),
    "modality": ({"Modality": "CR"}, "modality CR"),
    "no modality": ({"Modality": None, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "modality unknown"),
    "no intercept": ({"RescaleIntercept": None}, "without RescaleIntercept"),
    "no slope": ({"RescaleSlope": None}, "without RescaleSlope"),
    "no rows": ({"Rows": None}, "no complete pixel data"),
    "no bits": ({"BitsStored": None}, "cannot be decoded.*BitsStored"),
    "position": ({"ImagePositionPatient": [1, 2]}, r"ImagePositionPatient \(1.0, 2.0\)"),
    "orientation": ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "ImageOrientationPatient"),
    "spacing": ({"PixelSpacing": [0, 0.5]}, "PixelSpacing"),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_one_sentence_for_what_cannot_be_scored(tmp_path, name):
    elements, sentence = SENTENCES[name]
    path = write_dicom(tmp_path / "a.dcm", make_dicom(head_hu(), **elements))
    with pytest.raises(InputError, match=sentence) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert ";" in str(caught.value)


def test_zero_slope(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", make_dicom(head_hu()))
    raw = path.read_bytes()
    at = raw.index(struct.pack("<HH2sH", 0x28, 0x1053, b"DS", 4)) + 8
    path.write_bytes(raw[:at] + b"0.0 " + raw[at + 4 :])
    with pytest.raises(InputError, match="RescaleSlope of 0"):
        read(path)
    path.write_bytes(raw[:at] + b"1,0 " + raw[at + 4 :])
    with pytest.raises(InputError, match="unreadable RescaleSlope"):
        read(path)


@pytest.mark.parametrize("syntax", [None, RLELossless, JPEG2000Lossless, DeflatedExplicitVRLittleEndian])
@pytest.mark.parametrize("kept", [0.0, 0.01, 0.3, 0.6, 0.95])
def test_a_file_cut_short_anywhere(tmp_path, syntax, kept):
    dataset = make_dicom(head_hu(64))
    if syntax == DeflatedExplicitVRLittleEndian:
        dataset.file_meta.TransferSyntaxUID = syntax
    elif syntax:
        dataset.compress(syntax, generate_instance_uid=False)
    path = write_dicom(tmp_path / "a.dcm", dataset)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(path) in str(caught.value)


@settings(derandomize=True, max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_bytes_give_an_image_or_a_sentence(tmp_path, data):
    path = write_dicom(tmp_path / "a.dcm", make_dicom(head_hu(8), SOPInstanceUID="1.2.3", PixelPaddingValue=-24))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(128, len(content) - 129))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        array, _ = read(path)
    except InputError as error:
        assert str(path) in str(error)
    else:
        assert np.isfinite(array).all()


def test_a_wrong_length_does_not_put_a_name_into_the_sentence(tmp_path):
    content = write_dicom(tmp_path / "a.dcm", make_dicom(head_hu(), Modality="SR")).read_bytes()
    for element in (struct.pack("<HH2s", 0x08, 0x60, b"CS"), struct.pack("<HH2s", 0x08, 0x16, b"UI")):
        at = content.index(element) + len(element)
        path = tmp_path / "b.dcm"
        path.write_bytes(content[:at] + bytes([150]) + content[at + 1 :])
        with pytest.raises(InputError) as caught:
            read(path)
        assert "Secret" not in str(caught.value)


@pytest.mark.parametrize(("content", "sentence"), [(b"", "empty"), (b"not DICOM at all " * 20, "not a DICOM file")])
def test_not_dicom(tmp_path, content, sentence):
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read(path)


def test_an_error_ends_the_load_instead_of_trying_another_reader(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", make_dicom(head_hu(), RescaleIntercept=None))
    with pytest.raises(InputError, match="RescaleIntercept"):
        LoadImaged(keys="image", reader=HeadImageReader, image_only=True)({"image": path})


def test_read_dicom_slice_is_what_the_reader_uses(tmp_path):
    path = write_dicom(tmp_path / "no_suffix", make_dicom(head_hu()))
    np.testing.assert_array_equal(read_dicom_slice(path)[0], read(path)[0])
