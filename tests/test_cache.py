import pytest
import torch
from monai.transforms import Compose, EnsureTyped, Lambdad, RandGaussianNoised

from bundle.cache import CachedDataset


@pytest.fixture
def rows():
    return [{"image": torch.full((2, 2), float(number)), "number": number} for number in range(4)]


@pytest.mark.parametrize(("cache", "times"), [("memory", 1), ("disk", 1), ("none", 2), ("auto", 1)])
def test_preprocessing_runs_once_and_augmentation_each_time(rows, tmp_path, cache, times):
    seen = []

    def count(image):
        seen.append(image)
        return image + 1

    noise = RandGaussianNoised("image", prob=1, std=1.0)
    dataset = CachedDataset(rows, Lambdad("image", count), noise, cache, tmp_path, progress=False)
    first, second = dataset[2]["image"], dataset[2]["image"]
    dataset[0], dataset[0]
    assert not torch.equal(first, second)
    assert len(seen) == (4 if cache in ("memory", "auto") else 2 * times)
    assert abs(float(first.mean()) - 3) < 3


@pytest.mark.parametrize("cache", ["memory", "disk", "none"])
def test_a_sample_is_the_same_at_every_read(rows, tmp_path, cache):
    double = Compose([Lambdad("image", lambda image: image * 2), EnsureTyped("image", track_meta=False)])
    dataset = CachedDataset(rows, double, None, cache, tmp_path, progress=False)
    for _ in range(2):
        sample = dataset[3]
        assert type(sample["image"]) is torch.Tensor
        assert sample["image"].tolist() == [[6, 6], [6, 6]]
        assert sample["number"] == 3


def test_auto_goes_to_the_disk_when_memory_would_not_do(rows, tmp_path):
    CachedDataset(rows, dict, None, "auto", tmp_path / "cache", sample_bytes=2**31)[0]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_names_another_cache(rows):
    with pytest.raises(ValueError, match="got 'ram'"):
        CachedDataset(rows, dict, cache="ram")
