import numpy as np
import pytest
import torch

from bundle.transforms import RandDisplayWindowd, window_hu

WINDOWS = ((40.0, 80.0), (80.0, 200.0))
HU = torch.linspace(5, 75, 64).reshape(1, 8, 8)


def windowed(hu):
    return torch.cat([window_hu(hu, level, width) for level, width in WINDOWS])


def test_a_slice_looks_as_it_would_through_the_other_window():
    jitter = RandDisplayWindowd("image", WINDOWS, prob=1, level_shift=(4, 4), width_factor=(1.5, 1.5))
    seen = jitter({"image": windowed(HU)})["image"]
    assert torch.allclose(seen[:1], window_hu(HU, 44.0, 120.0), atol=1e-5)
    assert torch.allclose(seen[1:], window_hu(HU, 90.0, 300.0), atol=1e-5)


def test_black_stays_black():
    image = torch.zeros(2, 4, 4)
    image[:, 1:3, 1:3] = 0.5
    jitter = RandDisplayWindowd("image", WINDOWS, prob=1, level_shift=(-20, -20))
    assert torch.equal(jitter({"image": image})["image"] > 0, image > 0)


def test_without_luck_nothing_changes():
    image = windowed(HU)
    assert torch.equal(RandDisplayWindowd("image", WINDOWS, prob=0)({"image": image})["image"], image)


def test_draws_stay_within_the_ranges_and_are_repeatable():
    jitter = RandDisplayWindowd("image", WINDOWS, prob=1).set_random_state(3)
    drawn = []
    for _ in range(200):
        jitter({"image": windowed(HU)})
        drawn.append((jitter.shift, jitter.factor))
    shifts, factors = np.array(drawn).T
    assert -8 <= shifts.min() < -7 and 7 < shifts.max() <= 8
    assert 0.75 <= factors.min() < 0.8 and 1.7 < factors.max() <= 1.8
    jitter.set_random_state(3)
    jitter({"image": windowed(HU)})
    assert (jitter.shift, jitter.factor) == pytest.approx(drawn[0])
