import numpy as np
import pytest

from bundle.brain_mask_training.skull_strip import keep_continuous, skull_strip
from bundle.intensity import Intensity
from tests.transforms.drawn_head import as_image, dice, drawn_head, ellipse


def test_finds_the_brain_in_hu() -> None:
    image, brain = drawn_head()
    assert dice(skull_strip(as_image(image)), brain) > 0.98


def test_finds_the_brain_in_a_brain_window() -> None:
    image, brain = drawn_head()
    grey = (np.clip(image / 80, 0, 1) * 255).round()
    assert dice(skull_strip(as_image(grey, Intensity.DISPLAY)), brain) > 0.98


def test_keeps_a_bleed_at_the_bone() -> None:
    image, brain = drawn_head()
    bleed = brain & ellipse(image.shape, (128, 55), (50, 12))
    image[bleed] = 75
    assert (skull_strip(as_image(image)) & bleed).sum() > 0.97 * bleed.sum()


def test_leaves_out_what_bone_does_not_surround() -> None:
    image, brain = drawn_head()
    eye = ellipse(image.shape, (19, 123), (10, 14))
    image[eye] = 15
    found = skull_strip(as_image(image))
    assert not (found & eye).any()
    assert dice(found, brain) > 0.97


def test_a_slice_without_brain_is_empty() -> None:
    image, brain = drawn_head()
    image[brain] = 900
    assert not skull_strip(as_image(image)).any()


def test_the_shape_need_not_be_square() -> None:
    image, brain = drawn_head()
    found = skull_strip(as_image(image[:, 20:-30]))
    assert found.shape == (256, 206)
    assert dice(found, brain[:, 20:-30]) > 0.98


def test_refuses_an_image_without_unit() -> None:
    with pytest.raises(ValueError, match="arbitrary"):
        skull_strip(as_image(drawn_head()[0], Intensity.ARBITRARY))


def test_the_brain_goes_on_through_a_stack() -> None:
    widest, brain = ellipse((64, 64), (40, 32), (20, 20)), ellipse((64, 64), (40, 32), (16, 16))
    muscle, nothing = ellipse((64, 64), (6, 6), (4, 4)), np.zeros((64, 64), bool)
    kept = keep_continuous([muscle, nothing, brain | muscle, nothing, widest, brain], reach=4)
    expected = [nothing, nothing, brain, nothing, widest, brain]
    assert all((found == truth).all() for found, truth in zip(kept, expected, strict=True))
