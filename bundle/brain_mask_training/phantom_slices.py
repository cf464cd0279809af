"""Samples of phantoms, whose masks are known."""

from bundle.brain_mask_training.sample import SAMPLE_SIZE, Sample, make_sample
from bundle.intensity import Intensity
from bundle.labels import SUBTYPES
from bundle.phantom import make_head


def phantom_samples(count: int, first_seed: int = 0, slices: int = 16) -> list[Sample]:
    """Return the slices of `count` CT phantoms, made from one seed after the other, each with one subtype of bleed.

    Args:
        count: number of phantoms.
        first_seed: seed of the first.
        slices: number of slices of each.
    """
    samples: list[Sample] = []
    for seed in range(first_seed, first_seed + count):
        head = make_head(seed, slices=slices, size=SAMPLE_SIZE, bleed=[SUBTYPES[seed % len(SUBTYPES)]])
        for image, brain in zip(head.image, head.brain, strict=True):
            samples.append(make_sample(image, brain, Intensity.HU, certain=True))
    return samples
