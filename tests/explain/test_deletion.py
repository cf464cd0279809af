import numpy as np
import pytest
import torch
from torch import nn

from bundle.explain.deletion import STEPS, deletion_curve, random_map


class Spot(nn.Module):
    """The probability of class 1 is the brightness of a spot of 8 × 8 pixels, plus what a feature adds."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, images, clinical=None):
        score = images[:, :, 4:12, 20:28].mean((1, 2, 3)) * self.weight
        return torch.stack([1 - score, score if clinical is None else score * clinical[:, 0]], 1)


SPOT = np.zeros((32, 32), dtype=np.float32)
SPOT[4:12, 20:28] = 1


def curve(heat, seed=0, **others):
    image = torch.full((3, 32, 32), 0.8)
    return deletion_curve(Spot(), image, 1, heat, lambda logits: logits, np.random.default_rng(seed), **others)


def test_the_right_order_falls_at_once_and_the_wrong_one_at_the_end():
    right, wrong = curve(SPOT), curve(1 - SPOT)
    assert len(right) == STEPS + 1
    assert right[0] == wrong[0] == pytest.approx(0.8)
    assert right[1] == 0, "a tenth of the pixels is more than the spot"
    assert wrong[-2] == pytest.approx(0.8)
    assert right[-1] == wrong[-1] == 0


def test_equals_go_at_random():
    level = np.zeros((32, 32), dtype=np.float32)
    assert curve(level)[5] == pytest.approx(0.4, abs=0.1)
    assert curve(level, 1) != curve(level, 2)
    assert curve(level, 1) == curve(level, 1)


def test_only_what_is_seen_is_counted():
    image = torch.zeros(3, 32, 32)
    image[0, 4:12, 20:28] = 0.9
    values = deletion_curve(Spot(), image, 1, np.zeros((32, 32)), lambda logits: logits, np.random.default_rng(0))
    np.testing.assert_allclose(values, np.linspace(0.3, 0, STEPS + 1), atol=0.01)


def test_further_inputs_reach_the_network():
    assert curve(SPOT, extra={"clinical": torch.tensor([[0.5]])})[0] == pytest.approx(0.4)


def test_random_maps_are_smooth_and_their_own():
    one, other = (random_map(64, np.random.default_rng(seed)) for seed in (0, 1))
    assert one.shape == (64, 64)
    assert np.abs(np.diff(one, axis=0)).max() < 0.2
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.5
