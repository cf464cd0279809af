import base64
import io

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

from bundle.display import BONE, BRAIN, SUBDURAL
from bundle.intensity import Intensity
from bundle.transforms.window import normalise, window_hu
from bundle.viewer import SlicePicture
from bundle.viewer.encode import SIDE, encode_slice, window_filter
from tests.viewer.examples import phantom


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2])))


def slice_of(pixels, intensity=Intensity.HU, heat=None, spacing=None):
    return SlicePicture(np.asarray(pixels, np.float32), intensity, heat, {}, spacing)


def test_soft_tissue_is_kept_to_the_hu():
    hu = np.arange(-80, 240, dtype=np.float32).reshape(16, 20)
    with decoded(encode_slice(slice_of(hu)).image) as image:
        np.testing.assert_array_equal(np.asarray(image).astype(int) - 50, hu.clip(-50, 205))


@pytest.mark.parametrize("window", [BRAIN, SUBDURAL])
def test_the_filter_of_a_window_shows_what_the_window_shows(window):
    hu = np.arange(-80, 240, dtype=np.float32).reshape(16, 20)
    with decoded(encode_slice(slice_of(hu)).image) as image:
        grey = np.asarray(image) / 255
    brightness, contrast = window_filter(window)
    shown = (contrast * ((brightness * grey).clip(0, 1) - 0.5) + 0.5).clip(0, 1)  # each filter clips
    np.testing.assert_allclose(shown, window_hu(torch.tensor(hu), window.level, window.width), atol=1e-6)


def test_bone_is_the_bone_window():
    hu = phantom().image[5]
    with decoded(encode_slice(slice_of(hu)).bone) as image:
        shown = np.asarray(image) / 255
    assert abs(shown - window_hu(torch.tensor(hu), BONE.level, BONE.width).numpy()).mean() < 0.01


@pytest.mark.parametrize(
    ("shape", "spacing", "size"),
    [
        ((512, 512), (0.5, 0.5), (256, 256)),
        ((512, 512), None, (256, 256)),
        ((96, 96), (2, 2), (96, 96)),
        ((600, 300), None, (128, 256)),
        ((100, 100), (1.0, 0.5), (100, 200)),
        ((1, 5000), None, (256, 1)),
    ],
)
def test_pictures_are_small_and_their_pixels_square(shape, spacing, size):
    found = encode_slice(slice_of(np.full(shape, 30), heat=np.ones(shape, np.float32), spacing=spacing))
    assert found.size == size and max(size) <= SIDE
    for uri in (found.image, found.bone):
        with decoded(uri) as image:
            assert image.size == size


def test_the_heat_lies_where_it_was_and_has_the_colours_of_an_overlay():
    heat = np.zeros((512, 512), np.float32)
    heat[96:160, 320:400] = 1
    with decoded(encode_slice(slice_of(np.zeros((512, 512)), heat=heat)).heat) as image:
        shown = np.asarray(image.convert("RGBA"))
    assert shown.shape == (64, 64, 4)
    inside = np.zeros((64, 64), bool)
    inside[12:20, 40:50] = True
    np.testing.assert_array_equal(shown[~inside, 3], 0)
    np.testing.assert_array_equal(shown[inside], [[*matplotlib.colormaps["inferno"](1.0, bytes=True)[:3], 128]] * 80)


@pytest.mark.parametrize("spacing", [(1.0, 0.5), (0.5, 1.0), (1.0, 1.0)])
def test_the_heat_has_the_proportions_of_the_picture(spacing):
    heat = np.zeros((160, 160), np.float32)
    heat[40:80, 120:160] = 1
    found = encode_slice(slice_of(np.zeros((160, 160)), heat=heat, spacing=spacing))
    with decoded(found.heat) as image:
        assert image.size[0] / image.size[1] == found.size[0] / found.size[1]
        shown = np.asarray(image.convert("RGBA"))[..., 3] > 0
    height, width = shown.shape
    inside = np.zeros_like(shown)
    inside[height // 4 : height // 2, 3 * width // 4 :] = True
    np.testing.assert_array_equal(shown, inside)


def test_no_heat_is_no_layer():
    assert encode_slice(slice_of(np.zeros((8, 8)), heat=np.zeros((8, 8), np.float32))).heat is None
    assert encode_slice(slice_of(np.zeros((8, 8)))).heat is None


@pytest.mark.parametrize("intensity", [Intensity.DISPLAY, Intensity.ARBITRARY])
def test_what_has_no_hu_is_one_grey_picture(intensity):
    pixels = np.random.default_rng(0).uniform(0, 255, (30, 40)).astype(np.float32)
    found = encode_slice(slice_of(pixels, intensity))
    assert found.bone is None
    with decoded(found.image) as image:
        shown = np.asarray(image)
    expected = normalise(torch.tensor(pixels), intensity).numpy() * 255
    np.testing.assert_array_equal(shown, expected.round())
