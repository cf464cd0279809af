import torch
from scipy import ndimage

from bundle.brain_mask_training import RandExtraAxialBleedd
from tests.transforms.drawn_head import drawn_head


def test_a_painted_bleed_lies_in_the_brain_at_the_bone() -> None:
    image, brain = drawn_head(128)
    sample = {"image": torch.from_numpy(image)[None], "label": torch.from_numpy(brain)[None].to(torch.uint8)}
    transform = RandExtraAxialBleedd("image", prob=1.0).set_random_state(0)
    border = brain & ~ndimage.binary_erosion(brain)
    for _ in range(10):
        painted = transform(sample)["image"].numpy()[0]
        bleed = painted != image
        assert not (bleed & ~brain).any()
        assert (bleed & border).any()
        assert 50 <= painted[bleed].min() == painted[bleed].max() <= 95


def test_no_bleed_is_painted_without_brain_or_with_probability_zero() -> None:
    image, brain = (torch.from_numpy(array)[None] for array in drawn_head(128))
    for prob, label in ((1.0, torch.zeros_like(brain)), (0.0, brain)):
        result = RandExtraAxialBleedd("image", prob=prob)({"image": image, "label": label})
        assert torch.equal(result["image"], image)
