import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundle.errors import InputError
from bundle.readers import HeadImageReader, read_dicom_series
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom


def write_slices(folder, positions, **elements):
    """Write a slice for each z in mm, whose first pixel is its z in HU."""
    paths = []
    for number, z in enumerate(positions):
        hu = head_hu(16)
        hu[0, 0] = z
        values = {"ImagePositionPatient": [-120, -110, z]} | elements
        paths.append(write_dicom(folder / f"{number}.dcm", make_dicom(hu, **values)))
    return paths


@settings(derandomize=True, max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-500, 500), min_size=1, max_size=6))
@pytest.mark.parametrize("orientation", [[1, 0, 0, 0, 1, 0], [-1, 0, 0, 0, 1, 0], [0, 1, 0, 1, 0, 0]])
def test_slices_ascend_from_inferior_to_superior(tmp_path, orientation, positions):
    paths = write_slices(tmp_path, positions, ImageOrientationPatient=orientation)
    volume, meta = read_dicom_series(paths)
    assert volume.shape == (16, 16, len(positions))
    np.testing.assert_array_equal(volume[0, 0], sorted(positions))
    np.testing.assert_allclose(meta["affine"][:3, 3], (120, 110, min(positions)))


def test_folder_gives_a_volume_of_slices_as_displayed(tmp_path):
    write_slices(tmp_path, [30, 10, 20])
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / ".hidden.dcm").write_bytes(b"junk")
    reader = HeadImageReader()
    volume, meta = reader.get_data(reader.read(tmp_path))
    np.testing.assert_array_equal(volume[1:, :, 1], head_hu(16)[1:])
    np.testing.assert_allclose(meta["affine"] @ (0, 0, 2, 1), (120, 110, 30, 1))
    assert meta["intensity"] == "HU"


def test_uneven_spacing_gives_the_median_step(tmp_path):
    volume, meta = read_dicom_series(write_slices(tmp_path, [0, 7, 11, 15, 22, 26]))
    np.testing.assert_array_equal(volume[0, 0], [0, 7, 11, 15, 22, 26])
    np.testing.assert_allclose(meta["affine"][:3, 2], (0, 0, 4))


def test_slices_that_are_there_twice_are_no_steps(tmp_path):
    _, meta = read_dicom_series(write_slices(tmp_path, [0, 0, 5, 5, 10, 10, 15]))
    np.testing.assert_allclose(meta["affine"][:3, 2], (0, 0, 5))


def test_gantry_tilt_is_sorted_along_the_normal_and_keeps_its_shear(tmp_path):
    tilt = np.deg2rad(20)
    orientation = [1, 0, 0, 0, np.cos(tilt), -np.sin(tilt)]
    paths = []
    for number, z in enumerate([20.0, 0.0, 10.0]):
        hu = head_hu(16)
        hu[0, 0] = z
        elements = {"ImageOrientationPatient": orientation, "ImagePositionPatient": [0, 0, z]}
        paths.append(write_dicom(tmp_path / f"{number}.dcm", make_dicom(hu, **elements)))
    volume, meta = read_dicom_series(paths)
    np.testing.assert_array_equal(volume[0, 0], [0, 10, 20])
    np.testing.assert_allclose(meta["affine"][:3, 2], (0, 0, 10))


def test_slices_that_do_not_belong_together(tmp_path):
    first = write_dicom(tmp_path / "0.dcm", make_dicom(head_hu(16)))
    cases = {
        "different series": {"SeriesInstanceUID": "1.2.3"},
        "another shape or orientation": {"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]},
        "no ImagePositionPatient": {"ImagePositionPatient": None},
    }
    for sentence, elements in cases.items():
        other = write_dicom(tmp_path / "1.dcm", make_dicom(head_hu(16), **elements))
        with pytest.raises(InputError, match=sentence):
            read_dicom_series([first, other])
    other = write_dicom(tmp_path / "1.dcm", make_dicom(head_hu(8)))
    with pytest.raises(InputError, match="another shape"):
        read_dicom_series([first, other])


def test_folder_without_slices(tmp_path):
    reader = HeadImageReader()
    with pytest.raises(InputError, match="holds no DICOM slices"):
        reader.get_data(reader.read(tmp_path))
