import matplotlib
import numpy as np
import pytest
from monai.visualize.utils import blend_images

from bundle.pictures import overlay


def test_overlay_leaves_a_slice_without_heat_as_it_is():
    grey = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    heat = np.zeros((3, 4), dtype=np.float32)
    heat[1, 2] = 1
    picture = overlay(grey, heat)
    assert picture.dtype == np.uint8
    changed = (picture != (grey * 255).round().astype(np.uint8)[..., None]).any(-1)
    assert changed[1, 2]
    assert changed.sum() == 1


def test_the_share_of_the_colour_is_half_of_the_heat():
    rng = np.random.default_rng(0)
    grey, heat = rng.random((2, 200, 300), dtype=np.float32)
    heat[heat < 0.1], heat[heat > 0.9] = 0, 1
    share = (0.5 * heat)[..., None]
    expected = grey[..., None] * (1 - share) + matplotlib.colormaps["inferno"](heat)[..., :3] * share
    np.testing.assert_array_equal(overlay(grey, heat), (expected * 255).round().astype(np.uint8))


@pytest.mark.parametrize("of_file", [np.float32, np.float64])
def test_it_is_the_blend_of_monai(of_file):
    rng = np.random.default_rng(1)
    grey, heat = rng.random((200, 300)).astype(of_file), rng.random((200, 300), dtype=np.float32)
    precise = heat.astype(np.float64)  # MONAI gives the colours the type of the heat
    expected = blend_images(grey[None], precise[None], alpha=0.5 * heat[None], cmap="inferno", rescale_arrays=False)
    difference = overlay(grey, heat) / 255 - np.moveaxis(np.asarray(expected), 0, -1)
    assert np.abs(difference).max() <= 1 / 255
