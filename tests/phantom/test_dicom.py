from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

from bundle.phantom import Head, make_head
from bundle.phantom.dicom import outside_field, slice_dataset
from bundle.phantom.scanner import SCANNERS, Scanner
from bundle.readers import read_dicom_slice
from bundle.readers.geometry import slice_affine, slice_position

SIZE = 64


@pytest.fixture(scope="module")
def head() -> Head:
    return make_head(11, slices=4, size=SIZE, bleed=("intraparenchymal",))


def written(head: Head, index: int, folder: Path) -> Path:
    file = folder / "slice.dcm"
    slice_dataset(head, index, (0, "test")).save_as(file, enforce_file_format=True)
    return file


@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda scanner: scanner.name)
def test_pixels_come_back_in_hu_in_display_orientation(head: Head, scanner: Scanner, tmp_path: Path) -> None:
    file = written(replace(head, scanner=scanner), 1, tmp_path)
    dataset = pydicom.dcmread(file)
    hu = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    inside = ~outside_field(SIZE) & (head.image[1] < 3000)
    np.testing.assert_array_equal(hu[inside], np.rint(head.image[1])[inside])
    corner = dataset.pixel_array[0, 0]
    assert corner == (-2000 if scanner.padding is not None else np.rint(head.image[1, 0, 0]) + 1024)
    assert ("PixelPaddingValue" in dataset) == scanner.padding_in_header
    assert (dataset.BitsStored, dataset.PixelRepresentation) == (scanner.bits, int(scanner.signed))
    assert dataset.Manufacturer == scanner.name


@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda scanner: scanner.name)
def test_the_reader_of_the_bundle_reads_hu_and_takes_padding_for_air(
    head: Head, scanner: Scanner, tmp_path: Path
) -> None:
    image, meta = read_dicom_slice(written(replace(head, scanner=scanner), 1, tmp_path))
    outside = outside_field(SIZE)
    inside = ~outside & (head.image[1] < 3000)
    np.testing.assert_array_equal(image[inside], np.rint(head.image[1])[inside])
    assert (image[outside] < -950).all()
    assert meta["intensity"] == "HU"


def test_header(head: Head) -> None:
    dataset = slice_dataset(head, 2, (0, "test"))
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert dataset.SOPClassUID == CTImageStorage
    assert dataset.Modality == "CT"
    assert dataset.PatientAge == f"{head.age:03d}Y"
    assert dataset.PatientSex == head.sex
    assert not dataset.PatientName
    assert "InstanceNumber" not in dataset
    assert "PatientBirthDate" not in dataset
    assert len(dataset.PatientID) == 11
    assert dataset.PatientID.startswith("ID_")
    assert dataset.SliceThickness == head.geometry.thickness
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        assert UID(dataset[keyword].value).is_valid


def test_slices_share_study_and_series_and_lie_one_above_the_other(head: Head) -> None:
    slices = [slice_dataset(head, index, (0, "test")) for index in range(4)]
    assert len({(s.StudyInstanceUID, s.SeriesInstanceUID, s.PatientID) for s in slices}) == 1
    assert len({s.SOPInstanceUID for s in slices}) == 4
    positions = [
        slice_position(slice_affine(s.ImageOrientationPatient, s.ImagePositionPatient, s.PixelSpacing)) for s in slices
    ]
    steps = np.diff(positions)
    assert (steps > 1).all()
    np.testing.assert_allclose(steps, head.spacing[0] * np.cos(head.geometry.tilt), rtol=1e-3)


def test_another_patient_has_other_identifiers(head: Head) -> None:
    one, other = (slice_dataset(head, 0, (0, name)) for name in ("a", "b"))
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID"):
        assert one[keyword].value != other[keyword].value


def test_position_and_orientation_say_where_a_pixel_is(head: Head) -> None:
    dataset, geometry = slice_dataset(head, 1, (0, "test")), head.geometry
    first, down = np.array(dataset.ImagePositionPatient), np.array(dataset.ImageOrientationPatient[3:])
    middle = first + (SIZE - 1) / 2 * geometry.pixel * (np.array([1, 0, 0]) + down)
    np.testing.assert_allclose(middle, [0, 0, geometry.heights[1]], atol=1e-2)


@pytest.mark.parametrize("contrast", ["T1", "T2star"])
def test_mr_has_no_rescale(contrast: str, tmp_path: Path) -> None:
    mr = make_head(11, slices=2, size=SIZE, contrast=contrast)
    file = written(mr, 1, tmp_path)
    dataset = pydicom.dcmread(file)
    assert dataset.SOPClassUID == MRImageStorage
    assert dataset.Modality == "MR"
    assert not {"RescaleSlope", "RescaleIntercept", "RescaleType"} & set(dataset.dir())
    np.testing.assert_array_equal(dataset.pixel_array, np.clip(np.rint(mr.image[1]), 0, 4095))
    _, meta = read_dicom_slice(file)
    assert meta["intensity"] == "arbitrary"
