import pytest
import torch
from monai.transforms import Compose, Lambdad

from bundle.caching.batch import BatchTransform, transform_batch, try_batch
from bundle.intensity import Intensity
from bundle.transforms import BrainMaskd
from tests.transforms.drawn_head import Bright, as_image, drawn_head


@pytest.fixture
def mask(tmp_path):
    torch.save(Bright().state_dict(), tmp_path / "weights.pt")
    return BrainMaskd("image", Bright(), tmp_path / "weights.pt")


class Counted:
    def __init__(self):
        self.calls = []

    def __call__(self, sample):
        return self.batch([sample])[0]

    def batch(self, samples):
        self.calls.append(len(samples))
        return [{**sample, "seen": True} for sample in samples]


def test_a_chain_gives_the_same_in_a_batch_as_one_by_one(mask):
    chain = Compose([Lambdad("image", lambda image: image.clone()), Compose([mask])])
    sizes = (96, 128)
    samples = [{"image": as_image(drawn_head(size)[0], Intensity.HU), "number": size} for size in sizes]
    for one, other in zip(transform_batch(chain, samples), [chain(sample) for sample in samples], strict=True):
        assert one.keys() == other.keys()
        assert torch.equal(one["brain_mask"], other["brain_mask"])


def test_only_what_can_batch_is_called_once():
    counted = Counted()
    samples = transform_batch(Compose([counted, Lambdad("number", lambda number: number + 1)]), [{"number": 1}] * 3)
    assert counted.calls == [3]
    assert samples == [{"number": 2, "seen": True}] * 3
    assert isinstance(counted, BatchTransform)
    assert not isinstance(Lambdad("number", str), BatchTransform)
    assert transform_batch(len, [[1], [1, 2]]) == [1, 2]


def test_one_refused_sample_costs_no_other():
    class Picky(Counted):
        def batch(self, samples):
            if any(sample["number"] == 2 for sample in samples):
                raise ValueError("two")
            return super().batch(samples)

    picky, after = Picky(), Counted()
    found = try_batch(Compose([picky, after]), [{"number": number} for number in (1, 2, 3)])
    assert [each if isinstance(each, dict) else str(each) for each in found] == [
        {"number": 1, "seen": True}, "two", {"number": 3, "seen": True},
    ]  # fmt: skip
    assert after.calls == [2], "the good ones go on together"
