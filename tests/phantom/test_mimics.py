from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bundle.phantom import make_head
from bundle.phantom.mimics import draw_mimics
from tests.phantom.conftest import NO_MIMICS, Scene


@pytest.mark.parametrize(
    ("name", "density", "height", "low", "high"),
    [
        ("pineal", 1.0, 2, 90, 250),
        ("choroid", 1.0, 10, 90, 260),
        ("ganglia", 0.5, 1, 50, 130),
        ("falx", 1.0, 40, 90, 250),
        ("sinus", 1.3, 30, 60, 85),
        ("artery", 1.25, -15, 50, 85),
    ],
)
def test_mimic_is_bright_but_no_bleed(
    scene: Callable[..., Scene], name: str, density: float, height: float, low: float, high: float
) -> None:
    mimics = replace(NO_MIMICS, plaque=40, **{name: density})
    without, shown = scene(height), scene(height, mimics=mimics)
    changed = shown.values - without.values > 12
    assert changed.sum() > 8
    assert low < np.percentile(shown.values[changed], 90) < high
    assert not shown.bleed.any()


def test_infarct_is_dark_and_no_bleed(scene: Callable[..., Scene]) -> None:
    without, shown = scene(14), scene(14, mimics=replace(NO_MIMICS, infarct=1))
    changed = without.values - shown.values > 5
    assert changed.sum() > 300
    assert (np.nonzero(changed)[1] > 110).mean() > 0.95, "on the patient's left, the right of the image"
    assert not shown.bleed.any()


def test_heads_without_bleed_are_labelled_normal_although_they_have_bright_spots() -> None:
    bright = 0
    for seed in range(5):
        head = make_head(seed, slices=6, size=96, bleed=())
        assert not head.labels.any()
        assert not head.bleed.any()
        bright += int((head.image[head.brain] > 60).sum())
    assert bright > 300


def test_the_old_have_more_calcium() -> None:
    def share(age: int) -> float:
        rng = np.random.default_rng(0)
        drawn = [draw_mimics(rng, age) for _ in range(400)]
        return float(np.mean([bool(found.choroid) for found in drawn]))

    assert share(90) > share(20) + 0.25
