import numpy as np
import pytest

from bundle.preprocessing import contrasts, mirrored_looks
from bundle.preprocessing.contrast import LOW, LOWEST, MOST, SIDE


@pytest.fixture
def brain():
    """A disc of tissue in the brain window, with about the spread, texture and edges of brain."""
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    waves = 0.11 * np.sin(rows / 2.2) * np.sin(columns / 2.2)
    tissue = 0.384 + waves + generator.normal(0, 0.012, (SIDE, SIDE))
    return (tissue * (np.hypot(rows, columns) < 70)).astype(np.float32)


def through(image, width):
    """Return the picture of a slice in the window 40/80 through a wider one of the same level."""
    return (np.clip((image - 0.5) * 80 / width + 0.5, 1 / 255, 1) * (image > 0)).astype(np.float32)


def with_contrast(image, contrast):
    """Return the slice through the window in which it has a contrast."""
    return through(image, 80 * contrasts(image[None])[0][0] / contrast)


def test_contrast_falls_as_the_window_widens(brain):
    found, median = contrasts(np.stack([through(brain, width) for width in (80, 160, 240)]))
    np.testing.assert_allclose(found / found[0], [1, 0.5, 1 / 3], rtol=0.03)
    assert 0.5 < found[0] < 2 and median[0] == pytest.approx(0.384, abs=0.01)


def test_a_slice_of_the_brain_window_is_seen_as_it_is(brain):
    images = np.stack([[with_contrast(brain, LOW[1] + 0.02)] * 3])
    seen, mirrored = mirrored_looks(images)
    np.testing.assert_array_equal(seen, images)
    np.testing.assert_array_equal(mirrored, images[..., ::-1])


def test_a_wide_window_is_seen_as_it_is_and_its_mirror_image_with_the_contrast_of_the_brain_window(brain):
    images = np.stack([[with_contrast(brain, contrast)] * 3 for contrast in (LOW[0] - 0.02, LOWEST[1] + 0.02)])
    seen, mirrored = mirrored_looks(images)
    np.testing.assert_array_equal(seen, images)
    after, median = contrasts(mirrored[:, 0])
    np.testing.assert_allclose(after, 1, rtol=0.05)
    np.testing.assert_allclose(median, 0.384, atol=0.01)
    assert ((mirrored == 0) == (images[..., ::-1] == 0)).all() and mirrored.dtype == np.float32


def test_the_widest_windows_are_seen_with_the_contrast_of_the_brain_window_alone(brain):
    images = np.stack([[with_contrast(brain, LOWEST[0] - 0.02)] * 3])
    seen, mirrored = mirrored_looks(images)
    np.testing.assert_array_equal(seen, mirrored[..., ::-1])
    np.testing.assert_allclose(contrasts(seen[:, 0])[0], 1, rtol=0.05)


@pytest.mark.parametrize("limits", [LOW, LOWEST])
def test_a_little_more_contrast_changes_little(brain, limits):
    steps = np.linspace(limits[0] - 0.01, limits[1] + 0.01, 100)
    images = np.stack([[with_contrast(brain, contrast)] for contrast in steps])
    for look in mirrored_looks(images):
        assert np.abs(np.diff(look, axis=0)).max() < 0.03


def test_windows_of_our_own_are_kept(brain):
    wide = through(brain, 400)
    images = np.stack([[brain, wide, wide], [wide, brain, brain]])
    np.testing.assert_array_equal(mirrored_looks(images)[0], images)


def test_other_sizes_are_kept(brain):
    images = through(brain, 400)[None, None, : SIDE - 1, : SIDE - 1]
    np.testing.assert_array_equal(mirrored_looks(images)[0], images)


def test_no_slice_is_stretched_without_measure(brain):
    flat = np.where(brain > 0, 0.5 + (brain - 0.384) / 100, 0).astype(np.float32)[None, None]
    assert np.ptp(mirrored_looks(flat)[0][flat > 0]) == pytest.approx(MOST * np.ptp(flat[flat > 0]), rel=1e-3)


@pytest.mark.parametrize("grey", [0, 1, 0.4])
def test_where_no_brain_is_seen_nothing_is_known(grey):
    image = np.zeros((2, 3, SIDE, SIDE), dtype=np.float32)
    image[:, :, 60:70] = grey
    assert np.isnan(contrasts(image[:, 0])[0]).all()
    np.testing.assert_array_equal(mirrored_looks(image)[0], image)
