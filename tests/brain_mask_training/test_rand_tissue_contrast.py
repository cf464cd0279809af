import numpy as np
import torch

from bundle.brain_mask_training import RandTissueContrastd
from bundle.brain_mask_training.rand_tissue_contrast import FLUID, TISSUES, tissue_classes
from tests.transforms.drawn_head import drawn_head


def test_tissues_follow_hu_and_the_mask() -> None:
    image, brain = drawn_head(128)
    classes = tissue_classes(image, brain)
    assert set(np.unique(classes[~brain])) <= set(range(TISSUES.index("fluid")))
    assert set(np.unique(classes[brain])) <= set(range(FLUID, len(TISSUES)))
    assert np.median(classes[(image > 800) & ~brain]) == TISSUES.index("dense bone")


def test_painting_a_tissue_depends_on_the_seed_alone() -> None:
    image, brain = drawn_head(128)
    sample = {"image": torch.from_numpy(image)[None], "label": torch.from_numpy(brain)[None].to(torch.uint8)}
    first, second, other = (RandTissueContrastd("image").set_random_state(seed)(sample)["image"] for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert first.shape == (1, 128, 128)
