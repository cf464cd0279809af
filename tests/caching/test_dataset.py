import multiprocessing
import os
import time
from pathlib import Path

import pytest
import torch
from monai.transforms import Compose, EnsureTyped, Lambdad, RandGaussianNoised, SelectItemsd

from bundle.caching import CachedDataset
from bundle.caching.prepare import CHUNK
from bundle.errors import InputError


@pytest.fixture
def rows():
    return [{"image": torch.full((2, 2), float(number)), "label": number} for number in range(4)]


def doubled(image):
    return image * 2


class DoubledBy:
    """Return twice the first value, and who computed it; after the first rows, wait until others are ready."""

    def __init__(self, ready: Path) -> None:
        self.ready = str(ready)
        self.calls = 0

    def __setstate__(self, state):
        self.__dict__ = state
        Path(self.ready).touch()

    def __call__(self, image):
        self.calls += 1
        while self.calls > CHUNK and not Path(self.ready).exists():
            time.sleep(0.05)
        if multiprocessing.parent_process() is None:
            time.sleep(0.05)
        return torch.tensor([[2 * float(image[0, 0]), os.getpid()]], dtype=torch.float64)


def only_image(image):
    if float(image.max()) == 3:
        raise InputError("the image 3 is damaged; copy it again")
    return image


@pytest.mark.parametrize(("cache", "calls"), [("memory", 4), ("disk", 4), ("none", 3), ("auto", 4)])
def test_preprocessing_runs_once_and_augmentation_each_time(rows, tmp_path, cache, calls):
    seen = []

    def count(image):
        seen.append(image)
        return image + 1

    noise = RandGaussianNoised("image", prob=1, std=1.0)
    dataset = CachedDataset(rows, Lambdad("image", count), noise, cache, tmp_path)
    first, second = dataset[2]["image"], dataset[2]["image"]
    dataset[0]
    assert not torch.equal(first, second)
    assert len(seen) == calls
    assert abs(float(first.mean()) - 3) < 3


@pytest.mark.parametrize("cache", ["memory", "disk", "none"])
def test_a_sample_is_the_same_at_every_read(rows, tmp_path, cache):
    double = Compose([Lambdad("image", doubled), EnsureTyped("image", track_meta=False), SelectItemsd("image")])
    dataset = CachedDataset(rows, double, None, cache, tmp_path)
    for _ in range(2):
        sample = dataset[3]
        assert type(sample["image"]) is torch.Tensor
        assert sample["image"].tolist() == [[6, 6], [6, 6]]
        assert sample["label"] == 3


@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_many_rows_are_prepared_in_order_by_several_processes(tmp_path, cache, monkeypatch):
    monkeypatch.setattr("bundle.caching.prepare.available_cores", lambda: 2)
    monkeypatch.setattr("bundle.caching.prepare.STARTING", 0)
    monkeypatch.setattr("bundle.parallel.process_pool.ALONE", 0)
    rows = [{"image": torch.full((1, 2), float(number)), "label": number} for number in range(83)]
    dataset = CachedDataset(rows, Lambdad("image", DoubledBy(tmp_path / "ready")), None, cache, tmp_path)
    samples = [dataset[index]["image"][0] for index in range(83)]
    assert [float(doubled) for doubled, _ in samples] == [2.0 * index for index in range(83)]
    assert len({int(pid) for _, pid in samples}) > 1


@pytest.mark.parametrize("count", [4, 80])
def test_an_image_that_cannot_be_read_is_named_in_one_sentence(tmp_path, count):
    rows = [{"image": torch.full((1, 1), float(number)), "label": number} for number in range(count)]
    with pytest.raises(InputError) as caught:
        CachedDataset(rows, Lambdad("image", only_image), None, "memory")
    assert "the image 3 is damaged" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_corrected_label_takes_effect_and_nothing_is_made_anew(rows, tmp_path):
    CachedDataset(rows, Lambdad("image", doubled), None, "disk", tmp_path)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.sample")}
    dataset = CachedDataset([{**row, "label": 9} for row in rows], Lambdad("image", doubled), None, "disk", tmp_path)
    assert dataset[1]["label"] == 9
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.sample")} == files


def test_auto_goes_to_the_disk_when_memory_would_not_do(rows, tmp_path):
    CachedDataset(rows, Lambdad("image", doubled), None, "auto", tmp_path, sample_bytes=2**31)
    assert len(list(tmp_path.rglob("*.sample"))) == 4


def test_names_another_cache_and_a_missing_folder(rows):
    with pytest.raises(InputError, match="got 'ram'"):
        CachedDataset(rows, dict, cache="ram")
    with pytest.raises(InputError, match="cache_dir"):
        CachedDataset(rows, dict, cache="disk")


def test_targets_come_from_the_row_before_the_augmentation(rows, tmp_path):
    order = []

    def target(sample):
        order.append("target")
        return {**sample, "target": sample["image"] + sample["label"]}

    def augment(sample):
        order.append("augmentation")
        return {**sample, "image": -sample["image"]}

    for augmentation in (augment, None):
        dataset = CachedDataset(
            [{**row, "note": "x"} for row in rows], Lambdad("image", doubled), augmentation, "memory",
            row_keys=("label", "note"), targets=target,
        )  # fmt: skip
        sample = dataset[2]
        assert sample["target"].tolist() == [[6, 6], [6, 6]] and sample["note"] == "x"
        assert sample["image"][0, 0] == (-4 if augmentation else 4)
    assert order == ["target", "augmentation", "target"]
