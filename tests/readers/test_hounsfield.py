import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.readers import AIR, stored_to_hu
from bundle.readers.hounsfield import stored_range


@st.composite
def stored_images(draw):
    bits, signed = draw(st.integers(8, 16)), draw(st.booleans())
    low, high = stored_range(bits, signed)
    values = draw(st.lists(st.integers(low, high), min_size=6, max_size=6))
    return np.array(values, "i2" if signed else "u2").reshape(2, 3), bits, signed


@settings(derandomize=True, deadline=None)
@given(stored_images(), st.floats(0.25, 4), st.integers(-9000, -101))
def test_hu_are_the_rescaled_values_and_never_below_air(image, slope, intercept):
    stored, bits, signed = image
    before = stored.copy()
    hu = stored_to_hu(stored, bits=bits, signed=signed, slope=slope, intercept=intercept)
    expected = [max(value * slope + intercept, AIR) for value in stored.ravel().tolist()]
    assert hu.dtype == np.float32
    assert hu.shape == stored.shape
    np.testing.assert_allclose(hu.ravel(), expected, rtol=1e-5, atol=0.05)
    np.testing.assert_array_equal(stored, before)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(-1000, 3095), min_size=4, max_size=4), st.sampled_from([0, 1, -1]))
def test_wrapped_12_bit_values_are_repaired(hu, intercept):
    stored = (np.array(hu).reshape(2, 2) % 4096).astype("u2")
    repaired = stored_to_hu(stored, bits=12, signed=False, intercept=intercept)
    np.testing.assert_array_equal(repaired.ravel(), hu)


@pytest.mark.parametrize(
    ("bits", "signed", "slope", "intercept"), [(12, True, 1, 0), (16, True, 1, 0), (12, False, 2, 0)]
)
def test_values_that_did_not_wrap_are_left_alone(bits, signed, slope, intercept):
    stored = np.array([[0, 40], [1200, 2047]], "i2" if signed else "u2")
    hu = stored_to_hu(stored, bits=bits, signed=signed, slope=slope, intercept=intercept)
    np.testing.assert_array_equal(hu, stored * slope)


def test_ge_style_padding_is_air():
    stored = np.array([[-1500, -2000], [-1000, 35]], "i2")
    hu = stored_to_hu(stored, bits=16, signed=True, padding=(-1500, -1500))
    np.testing.assert_array_equal(hu, [[AIR, AIR], [-1000, 35]])


def test_bright_padding_is_air():
    stored = np.array([[4095, 4000], [3999, 1064]], "u2")
    hu = stored_to_hu(stored, bits=12, signed=False, intercept=-1024, padding=(4000, 4095))
    np.testing.assert_array_equal(hu, [[AIR, AIR], [2975, 40]])


def head(inside=40):
    hu = np.full((8, 8), -1000)
    hu[2:6, 2:6] = inside
    return hu


@settings(derandomize=True, deadline=None)
@given(st.integers(12, 16), st.integers(-1024, 2000), st.sampled_from([-1000, 0, 100]))
def test_monochrome1_takes_the_reading_with_air_around_the_head(bits, inside, air):
    stored = (head(inside) + 1024).astype("u2")
    stored[0, :] = max(0, air + 24)  # a table, or what is outside the field of view
    low, high = stored_range(bits, signed=False)
    for values in (stored, (low + high - stored).astype("u2")):
        hu = stored_to_hu(values, bits=bits, signed=False, intercept=-1024, inverted=True)
        np.testing.assert_array_equal(hu, stored.astype(int) - 1024)


@pytest.mark.parametrize("intercept", [0, -1000, -1024])
@pytest.mark.parametrize("around", [-1000, -2000, 40], ids=["air", "padding", "cropped"])
def test_signed_values_of_monochrome1_are_taken_as_they_are(intercept, around):
    truth = head()
    truth[truth == -1000] = around
    hu = stored_to_hu((truth - intercept).astype("i2"), bits=16, signed=True, intercept=intercept, inverted=True)
    np.testing.assert_array_equal(hu, np.maximum(truth, AIR))


@pytest.mark.parametrize(("low", "high"), [(-1000, 1000), (-1024, 3071), (0, 80)])
def test_hu_that_a_small_slope_spreads_over_16_bits_are_all_kept(low, high):
    slope = (high - low) / 65535
    hu = stored_to_hu(np.array([[0, 30000], [62436, 65535]], "u2"), bits=16, signed=False, slope=slope, intercept=low)
    np.testing.assert_allclose(hu.ravel(), np.array([0, 30000, 62436, 65535]) * slope + low, atol=0.01)


@pytest.mark.parametrize("intercept", [0, -1024])
def test_negative_values_whose_sign_was_lost_are_negative(intercept):
    stored = np.array([[64536, 65535], [0, 1064]], "u2")
    hu = stored_to_hu(stored, bits=16, signed=False, intercept=intercept)
    np.testing.assert_array_equal(hu, np.maximum(np.array([[-1000, -1], [0, 1064]]) + intercept, AIR))
