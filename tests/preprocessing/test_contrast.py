import numpy as np
import pytest

from bundle.preprocessing import contrasts, with_contrast

SIZE = 160


@pytest.fixture
def brain():
    """A disc of tissue in the brain window, with the spread, texture and edges of brain."""
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIZE, :SIZE] - SIZE / 2
    waves = 0.11 * np.sin(rows / 2.2) * np.sin(columns / 2.2)
    tissue = 0.384 + waves + generator.normal(0, 0.012, (SIZE, SIZE))
    return (tissue * (np.hypot(rows, columns) < 70)).astype(np.float32)


def through(image, width):
    """Return the picture of a slice in the window 40/80 through a wider one of the same level."""
    return (np.clip((image - 0.5) * 80 / width + 0.5, 1 / 255, 1) * (image > 0)).astype(np.float32)


def test_contrast_falls_as_the_window_widens(brain):
    found, median = contrasts(np.stack([through(brain, width) for width in (80, 160, 240)]))
    np.testing.assert_allclose(found / found[0], [1, 0.5, 1 / 3], rtol=0.03)
    assert found[0] == pytest.approx(1, abs=0.3) and median[0] == pytest.approx(0.384, abs=0.01)


def test_a_picture_through_a_wide_window_gets_the_contrast_of_the_brain_window(brain):
    images = np.stack([[through(brain, width)] * 3 for width in (80, 160, 240)])
    found = with_contrast(images)
    np.testing.assert_array_equal(found[0], images[0])
    after, median = contrasts(found[:, 0])
    np.testing.assert_allclose(after[1:], 1, rtol=0.05)
    np.testing.assert_allclose(median[1:], 0.384, atol=0.01)
    assert ((found == 0) == (images == 0)).all() and found.dtype == np.float32


def test_windows_of_our_own_are_kept(brain):
    images = np.stack([[brain, through(brain, 240), through(brain, 240)], [through(brain, 240), brain, brain]])
    np.testing.assert_array_equal(with_contrast(images), images)


def test_no_slice_is_stretched_without_measure(brain):
    flat = np.where(brain > 0, 0.5 + (brain - 0.384) / 100, 0).astype(np.float32)[None, None]
    assert np.ptp(with_contrast(flat)[flat > 0]) == pytest.approx(3 * np.ptp(flat[flat > 0]), rel=1e-3)


@pytest.mark.parametrize(
    "image", [np.zeros((1, 3, SIZE, SIZE)), np.ones((1, 3, SIZE, SIZE)), np.full((2, 1, 3, 4), 0.4)]
)
def test_where_there_is_no_brain_nothing_is_known(image):
    image = image.astype(np.float32)
    assert np.isnan(contrasts(image[:, 0])[0]).all()
    np.testing.assert_array_equal(with_contrast(image), image)
