import numpy as np

from bundle.brain_mask_training.sample import SAMPLE_SIZE, make_sample
from bundle.intensity import Intensity
from tests.transforms.drawn_head import drawn_head


def test_grey_levels_become_plausible_hu() -> None:
    image, brain = drawn_head(SAMPLE_SIZE)
    sample = make_sample((np.clip(image / 80, 0, 1) * 255).round(), brain, Intensity.DISPLAY, certain=False)
    hu = sample["image"].numpy()[0]
    assert abs(np.median(hu[brain]) - 33) < 2
    assert hu[0, 0] == -1000
    assert (hu[image > 800] > 500).mean() > 0.95
