import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.intensity import Intensity
from bundle.readers.voxel_unit import VoxelUnit, find_offset, find_unit, to_unit
from tests.readers.dicom_examples import head_hu


def head(noise=4.0, air=-1000, slices=8):
    hu = np.repeat(head_hu(64)[..., None], slices, -1).astype(float)
    hu[hu < -500] = air
    return np.rint(hu + np.random.default_rng(0).normal(0, noise, hu.shape)).clip(-1024).astype(np.float32)


@pytest.mark.parametrize("offset", [1000, 1024])
@pytest.mark.parametrize("noise", [2.0, 8.0])
def test_a_head_with_an_offset_comes_back_as_hu(offset, noise):
    volume = head(noise)
    unit = find_unit(volume + offset)
    assert (unit, str(unit)) == (VoxelUnit(Intensity.HU, offset), f"HU + {offset}")
    np.testing.assert_array_equal(to_unit(volume + offset, unit), volume)


def test_air_that_was_cut_off_at_zero_does_not_matter():
    assert find_offset((head(air=-1024) + 1000).clip(0)) == 1000


def test_unsigned_wrap_is_undone():
    volume = head()
    wrapped = volume.astype(np.int16).view(np.uint16).astype(np.float32)
    unit = find_unit(wrapped)
    assert unit == VoxelUnit(Intensity.HU, wrapped=True)
    np.testing.assert_array_equal(to_unit(wrapped, unit), volume)


def outside_circle(volume):
    rows, columns = np.mgrid[-1 : 1 : volume.shape[0] * 1j, -1 : 1 : volume.shape[1] * 1j]
    return rows**2 + columns**2 > 1


@pytest.mark.parametrize("padding", [-1024, -2000, -3024])
@pytest.mark.parametrize("dtype", [np.int16, np.uint16])
def test_padding_does_not_make_hu_of_a_head_with_an_offset(padding, dtype):
    volume = head() + 1024
    outside = outside_circle(volume)
    volume[outside] = padding
    stored = volume.astype(np.int16).view(dtype).astype(np.float32)
    unit = find_unit(stored)
    assert unit == VoxelUnit(Intensity.HU, 1024, wrapped=dtype is np.uint16)
    np.testing.assert_array_equal(to_unit(stored, unit)[~outside], head()[~outside])


@pytest.mark.parametrize("lowest", [-1024, -2000])
def test_hu_without_other_air_than_padding_stay_hu(lowest):
    volume = head()
    volume[volume < -200] = lowest
    assert find_unit(volume) == VoxelUnit(Intensity.HU)


def test_hu_stay_hu():
    unit = find_unit(head())
    assert unit == VoxelUnit(Intensity.HU) and to_unit(head(), unit).min() >= -1024


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([200, 600, 1100, 3000]), st.floats(0.1, 0.6))
def test_an_mr_has_no_offset(seed, brightest, outside):
    random = np.random.default_rng(seed)
    values = random.gamma(4, brightest / 8, (32, 32, 8))
    values[random.random(values.shape) < outside] *= 0.02
    assert find_unit(values.astype(np.float32)) == VoxelUnit(Intensity.ARBITRARY)
