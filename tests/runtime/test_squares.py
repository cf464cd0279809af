"""One preprocessing: what the runtime makes of files is what MONAI's pipeline makes of them."""

import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from PIL import Image

from bundle.export.torch_files import write_onnx
from bundle.phantom import Manifest, write_phantoms
from bundle.preprocessing.brain import INPUT_SIZE
from bundle.readers import head_files
from bundle.readers.head_files import HeadFiles
from bundle.readers.nifti import read_nifti
from bundle.runtime.brain_mask import BrainMask
from bundle.runtime.export_file import Preprocessing
from bundle.runtime.squares import BATCH, Squares
from bundle.sources.unlabelled import find_images
from bundle.transforms import BrainMaskd
from bundle.transforms.brain_mask import load_mask_network
from tests.conftest import ROOT

LEVEL = 1 / 255
SHARE = 0.999


@pytest.fixture(scope="module", params=[[[40, 80]] * 3, [[40, 80], [80, 200], [600, 2800]]], ids=["brain", "three"])
def pipelines(request, tmp_path_factory):
    """The preprocessing of configs/inference.json, and the runtime's with the same mask network."""
    parser = ConfigParser(ConfigParser.load_config_file(ROOT / "configs/inference.json"))
    parser.update({"bundle_root": str(ROOT), "windows": request.param})
    monai = parser.get_parsed_content("preprocessing")
    (mask,) = [each.brain_mask for each in monai.transforms if isinstance(each, BrainMaskd)]
    load_mask_network(mask.network, mask.weights)
    path = tmp_path_factory.mktemp("mask") / "brain_mask.onnx"
    write_onnx(mask.network, torch.zeros(2, 1, INPUT_SIZE, INPUT_SIZE), path, "image", ["logits"])
    preprocessing = Preprocessing(160, request.param, True, mask.margin, 8)
    return monai, Squares(preprocessing, BrainMask(path, mask.margin))


def compare(pipelines, rows):
    """Check the two in all rows, by the share of pixels that are alike to one level of grey."""
    monai, squares = pipelines
    found = [square for batch in squares([[row] for row in rows]) for square in batch]
    assert len(found) == len(rows) > 0
    alike = []
    for row, square in zip(rows, found, strict=True):
        expected = monai(row)
        assert square.lost == [None]
        assert list(square.box) == list(zip(expected["box_start"].tolist(), expected["box_end"].tolist(), strict=True))
        alike.append(np.abs(square.levels / 255 - expected["image"].numpy()) <= LEVEL * 1.001)
    assert any(square.levels.any() for square in found), "black squares would be alike, too"
    assert np.mean(alike) >= SHARE


@pytest.mark.parametrize(
    ("contrast", "size", "seed"), [("CT", 512, 1), ("CT", 192, 2), ("T1", 128, 3), ("T2star", 128, 4)]
)
def test_phantom_series_are_seen_alike(pipelines, tmp_path, contrast, size, seed):
    write_phantoms(tmp_path, Manifest(patients=2, slices=6, size=size, seed=seed, contrast=contrast))
    rows, _ = find_images(tmp_path, all_series=True)
    compare(pipelines, rows)


def test_pictures_volumes_and_oblong_slices_are_seen_alike(pipelines, tmp_path):
    write_phantoms(tmp_path / "set", Manifest(patients=1, slices=6, size=256, seed=5))
    rows, _ = find_images(tmp_path / "set", all_series=True)
    volume = np.stack([HeadFiles().read([Path(row["image"])])[0] for row in rows], axis=-1)
    (tmp_path / "other").mkdir()
    screen = np.diag([-1.0, -1.0, 5.0, 1.0]) @ np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    nib.save(nib.Nifti1Image(volume[20:, :, :], screen), tmp_path / "other" / "oblong.nii.gz")
    grey = np.uint8(np.clip((volume[..., 3] - 0) / 80, 0, 1) * 255)
    Image.fromarray(grey).save(tmp_path / "other" / "slice.png")
    Image.fromarray(np.pad(grey, ((30, 10), (40, 0)), constant_values=255)).save(tmp_path / "other" / "paper.png")
    found, rejected = find_images(tmp_path / "other")
    assert len(found) == 8 and not rejected
    compare(pipelines, found)


def test_series_of_real_images_are_seen_alike(pipelines, head_ct_data):
    for name in ("ge_head_ct", "rsna_dicom"):
        rows, _ = find_images(head_ct_data / name)
        compare(pipelines, rows)


def test_a_bad_file_costs_itself_alone(pipelines, tmp_path):
    write_phantoms(tmp_path, Manifest(patients=1, slices=3, size=128))
    rows, _ = find_images(tmp_path, all_series=True)
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(tmp_path / "empty.png")
    (tmp_path / "text.png").write_text("no picture")
    bad = [{"image": str(tmp_path / name)} for name in ("empty.png", "text.png", "absent.dcm")]
    _, squares = pipelines
    (found,) = squares([[row] for row in (bad[0], rows[0], bad[1], rows[1], bad[2])])
    alone = [square for row in rows[:2] for (square,) in squares([[row]])]
    lost = [each.lost[0] for each in found]
    assert [why and why.kind for why in lost] == ["empty", None, "", None, ""]
    assert "is not a readable PNG or JPEG image" in lost[2].reason and "does not exist" in lost[4].reason
    for one, other in zip(found[1::2], alone, strict=True):
        assert np.array_equal(one.levels, other.levels)


def test_long_series_come_in_batches(pipelines, tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)).save(tmp_path / "a.png")
    _, squares = pipelines
    assert [len(each) for each in squares([[{"image": str(tmp_path / "a.png")}]] * (BATCH + 5))] == [BATCH, 5]


def test_threads_read_a_volume_once(pipelines, tmp_path, monkeypatch):
    _, squares = pipelines
    read = []

    def slowly(path):
        read.append(path)
        time.sleep(0.05)
        return read_nifti(path)

    monkeypatch.setattr(head_files, "read_nifti", slowly)
    path = tmp_path / "a.nii.gz"
    voxels = np.random.default_rng(0).normal(30, 9, (32, 32, 8)).astype(np.float32)
    voxels[:8] = -1000
    nib.save(nib.Nifti1Image(voxels, np.diag([-1.0, -1.0, 5.0, 1.0])), path)
    eight = Squares(squares.preprocessing, squares.brain_mask, threads=8)
    list(eight([[{"image": str(path), "slice": index}] for index in range(8)]))
    assert read == [path]


def test_a_slab_is_the_mean_of_its_slices_but_for_those_that_are_lost(pipelines, tmp_path):
    write_phantoms(tmp_path, Manifest(patients=1, slices=6, size=128))
    rows, _ = find_images(tmp_path, all_series=True)
    head = HeadFiles()
    images = [head.read([Path(row["image"])])[0] for row in rows[2:5]]
    volume = np.stack([np.mean([images[0], images[2]], axis=0), images[1]], axis=-1)
    nib.save(
        nib.Nifti1Image(volume.transpose(1, 0, 2).astype(np.float32), np.diag([-1.0, -1.0, 5.0, 1.0])),
        tmp_path / "mean.nii.gz",
    )
    _, squares = pipelines
    absent = {"image": str(tmp_path / "absent.dcm")}
    ((found, lost, odd),) = squares([[rows[2], absent, rows[4]], [absent], [rows[3], small_slice(tmp_path)]])
    ((expected, _),) = squares([[{"image": str(tmp_path / "mean.nii.gz"), "slice": index}] for index in (0, 1)])
    assert [why is None for why in found.lost] == [True, False, True] and found.box == expected.box
    assert np.mean(np.abs(found.levels.astype(int) - expected.levels) <= 1) >= SHARE
    assert lost.levels is None and "does not exist" in lost.lost[0].reason
    assert odd.lost[0] is None and "has another size or unit than its neighbours" in odd.lost[1].reason


def small_slice(folder):
    write_phantoms(folder / "small", Manifest(patients=1, slices=1, size=64))
    return find_images(folder / "small", all_series=True)[0][0]
