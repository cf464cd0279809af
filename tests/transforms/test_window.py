import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from bundle.intensity import INTENSITY, Intensity
from bundle.transforms import Window, Windowd


def image(values, intensity):
    return MetaTensor(torch.tensor(values, dtype=torch.float32)[None], meta={INTENSITY: intensity})


WINDOWS = ((40, 80), (80, 200), (600, 2800))


def test_hu_through_three_windows():
    result = Window(WINDOWS)(image([[-1024.0, 0.0, 40.0, 80.0, 2000.0]], Intensity.HU))
    assert result.shape == (3, 1, 5)
    np.testing.assert_allclose(result[0, 0], [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(result[1, 0], [0, 0.1, 0.3, 0.5, 1])
    np.testing.assert_allclose(result[2, 0], [0, 0.285714, 0.3, 0.314286, 1], atol=1e-6)


def test_other_intensities_give_the_same_image_in_each_channel():
    display = Window()(image([[0.0, 51.0, 255.0]], Intensity.DISPLAY))
    np.testing.assert_allclose(display, np.tile(np.float32([[0, 0.2, 1]]), (3, 1, 1)))
    mr = Window([(40, 80)])(image([[0.0] * 50 + list(range(1, 1002))], Intensity.ARBITRARY))
    assert mr.shape == (1, 1, 1051)
    assert mr.min() == 0
    assert mr.max() == 1
    assert mr[0, 0, 550] == pytest.approx(0.5, abs=0.01), "empty background does not move the contrast"


def test_one_window_several_times_is_that_window_in_each_channel():
    hu = image([[-1024.0, 13.0, 40.0, 77.0, 2000.0]], Intensity.HU)
    np.testing.assert_array_equal(Window([(40, 80)] * 3)(hu), np.tile(Window([(40, 80)])(hu), (3, 1, 1)))


@pytest.mark.parametrize("intensity", [Intensity.ARBITRARY, Intensity.HU, Intensity.DISPLAY])
def test_a_constant_image_is_finite(intensity):
    assert torch.isfinite(Window()(image([[7.0] * 4] * 4, intensity))).all()


def test_dictionary_form_keeps_the_rest_and_leaves_its_input_alone():
    data = {"image": image([[40.0]], Intensity.HU), "label": 1}
    result = Windowd("image", [(40, 80)])(data)
    assert result["label"] == 1
    assert result["image"].item() == 0.5
    assert data["image"].item() == 40


def test_refuses_what_it_cannot_window():
    with pytest.raises(ValueError, match="level 40, width 0"):
        Window([(40, 0)])
    with pytest.raises(ValueError, match=r"got shape \(2, 4, 4\)"):
        Window()(MetaTensor(torch.zeros(2, 4, 4), meta={INTENSITY: Intensity.HU}))
