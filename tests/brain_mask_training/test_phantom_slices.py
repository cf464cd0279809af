import torch

from bundle.brain_mask_training import phantom_samples
from bundle.brain_mask_training.sample import SAMPLE_SIZE


def test_phantom_samples_are_of_their_seed() -> None:
    first, second = phantom_samples(1, first_seed=7, slices=3), phantom_samples(2, first_seed=6, slices=3)[3:]
    assert all(torch.equal(a["image"], b["image"]) for a, b in zip(first, second, strict=True))
    assert all(sample["certain"] and sample["label"].any() for sample in first)
    assert first[0]["image"].shape == first[0]["label"].shape == (1, SAMPLE_SIZE, SAMPLE_SIZE)
