import errno
import logging

import numpy as np
import pytest
import torch
from monai.transforms import Lambdad

from bundle.caching import CachedDataset, CacheFolder


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    return {
        "image": rng.integers(0, 256, (3, 256, 256), dtype=np.uint8),
        "box_start": np.array([3, 4], dtype=np.int32),
        "box_end": np.array([500, 400], dtype=np.int32),
    }


def doubled(image):
    return image * 2


def same(one, other):
    return one.keys() == other.keys() and all((one[key] == other[key]).all() for key in one)


def test_a_sample_comes_back_and_is_small(tmp_path, sample):
    folder = CacheFolder(tmp_path, "v1")
    folder.write("ab12", sample)
    assert same(folder.read("ab12"), sample)
    assert folder.read("ab12")["box_end"].dtype == np.int32
    assert folder.file("ab12").stat().st_size <= 200_000
    assert folder.read("absent") is None
    assert [path.name for path in tmp_path.rglob("*.sample")] == ["ab12.sample"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "other"])
def test_a_damaged_sample_is_not_met(tmp_path, sample, damage):
    folder = CacheFolder(tmp_path, "v1")
    folder.write("ab12", sample)
    file = folder.file("ab12")
    content = bytearray(file.read_bytes())
    content[5000] ^= 0xFF
    file.write_bytes(
        {"cut": bytes(content)[:-5000], "flipped": bytes(content), "emptied": b"", "other": b"no archive"}[damage]
    )
    assert folder.read("ab12") is None


def test_a_dataset_mends_what_was_damaged(tmp_path):
    rows = [{"image": torch.full((1, 2), float(number)), "label": number} for number in range(3)]
    dataset = CachedDataset(rows, Lambdad("image", doubled), None, "disk", tmp_path)
    files = sorted(tmp_path.rglob("*.sample"))
    assert len(files) == 3
    for file in files:
        file.write_bytes(file.read_bytes()[:40])
    assert [float(dataset[index]["image"][0, 0]) for index in range(3)] == [0, 2, 4]
    again = CachedDataset(rows, Lambdad("image", lambda image: image * 0), None, "disk", tmp_path / "other")
    assert float(again[2]["image"][0, 0]) == 0
    mended = CachedDataset(rows, Lambdad("image", doubled), None, "disk", tmp_path)
    assert all(mended._folder.read(file.stem) is not None for file in files)


def test_a_full_disk_costs_the_cache_and_not_the_run(tmp_path, monkeypatch, caplog):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    rows = [{"image": torch.full((1, 2), float(number)), "label": number} for number in range(3)]
    with monkeypatch.context() as patched:
        patched.setattr("bundle.caching.folder.to_record", full)
        with caplog.at_level(logging.WARNING):
            dataset = CachedDataset(rows, Lambdad("image", doubled), None, "disk", tmp_path)
            assert [float(dataset[index]["image"][0, 0]) for index in range(3)] == [0, 2, 4]
        assert caplog.text.count("No space left on device") == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    CachedDataset(rows, Lambdad("image", doubled), None, "disk", tmp_path)
    assert len(list(tmp_path.rglob("*.sample"))) == 3


def test_other_versions_are_left_alone_and_told_of(tmp_path, sample, caplog):
    CacheFolder(tmp_path, "v1").write("ab12", sample)
    with caplog.at_level(logging.INFO):
        newer = CacheFolder(tmp_path, "v2")
    assert newer.read("ab12") is None
    assert "keeps 1 other ways of preprocessing" in caplog.text
    assert CacheFolder(tmp_path, "v1").read("ab12") is not None
