import json

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from bundle.datalist import Collection, build_datalist, check_datalist, write_datalist
from bundle.datalist.misfits import find_misfits
from bundle.readers.shape import read_shape
from tests.datalist.examples import SUBDURAL, datalist, row, save_noise
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom

TOO_LARGE = (
    "its mask large.png has 128 × 128, and not 64 × 64 as the image; resample the mask to the image, or leave it out"
)
ABSENT = "its mask absent.png does not exist or is not a file; correct the path"


@pytest.fixture
def folder(tmp_path):
    for seed, name in enumerate(("a", "b", "c", "fits")):
        save_noise(tmp_path / f"{name}.png", seed)
    for name, size in (("large", 128), ("small", 32)):
        save_noise(tmp_path / f"{name}.png", 0, size)
    return tmp_path


def rows_with(**masks):
    return [row(f"{image}.png", SUBDURAL, f"P-{image}", mask=f"{mask}.png") for image, mask in masks.items()]


def test_a_mask_of_another_size_is_taken_off_and_noted(folder):
    collection = Collection("test", rows_with(a="fits", b="large", c="absent"), mask_values={255: "any"})
    content = build_datalist(collection, folder, (1, 0, 0))
    assert [each.get("mask") for each in content["training"]] == ["fits.png", None, None]
    assert content["mask_values"] == {"255": "any"} and not collection.skipped
    assert (
        f"2 images have a mask that does not fit or cannot be read, and is left out, first b.png: {TOO_LARGE}"
        in collection.notes
    )


def test_a_mask_with_values_that_mean_nothing_is_taken_off_and_named_by_the_check(folder):
    for name, value in (("means", 2), ("strange", 255)):
        Image.fromarray(np.full((64, 64), value, np.uint8)).save(folder / f"{name}.png")
    values = {1: "brain", 2: "epidural"}
    collection = Collection("test", rows_with(a="means", b="strange"), mask_values=values)
    content = build_datalist(collection, folder, (1, 0, 0))
    assert [each.get("mask") for each in content["training"]] == ["means.png", None]
    said = (
        "its mask strange.png has the value 255, and named are 1, 2; save the mask with these values as PNG, or "
        "correct the datalist's mask_values"
    )
    assert collection.notes[0].endswith(said)
    rows = rows_with(a="means", b="strange")
    content = datalist(rows) | {"mask_values": {str(value): name for value, name in values.items()}}
    (folder / "d.json").write_text(json.dumps(content))
    assert check_datalist(folder / "d.json", folder) == [f"training row 2 (b.png): {said}"]


def test_the_check_names_each_row_whose_mask_does_not_fit(folder):
    rows = rows_with(a="fits", b="large", c="absent")
    (folder / "d.json").write_text(json.dumps(datalist(rows)))
    assert check_datalist(folder / "d.json", folder) == [
        f"training row 2 (b.png): {TOO_LARGE}",
        f"training row 3 (c.png): {ABSENT}",
    ]
    assert check_datalist(folder / "d.json", folder, pixels=False) == []


def test_a_smaller_mask_does_not_fit_either(folder):
    (problem,) = find_misfits(rows_with(a="small"), folder, {}).values()
    assert problem.startswith("its mask small.png has 32 × 32, and not 64 × 64 as the image")


def test_the_command_says_it(folder, command):
    write_datalist(folder / "datalist.json", datalist(rows_with(a="large")))
    made = command("scripts.prepare", "check", folder / "datalist.json", "--dataset_dir", folder)
    assert made.returncode == 1 and TOO_LARGE in made.stdout


def test_images_and_masks_of_all_formats_are_compared_as_they_are_read(tmp_path):
    write_dicom(tmp_path / "slice.dcm", make_dicom(head_hu(32)[:, :24]))
    Image.fromarray(np.zeros((32, 24), np.uint8)).save(tmp_path / "mask.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((24, 32), np.uint8)).save(tmp_path / "turned.jpg", exif=exif)
    for name, depth in (("volume", 5), ("short", 4), ("single", 1)):
        # The first axis runs from right to left, so that it is the columns of the screen.
        volume = nib.Nifti1Image(np.zeros((24, 32, depth), np.int16), np.diag([0.5, 0.5, 5, 1]))
        nib.save(volume, tmp_path / f"{name}.nii.gz")
    shapes = {"slice.dcm": [32, 24], "turned.jpg": [32, 24], "single.nii.gz": [32, 24], "volume.nii.gz": [32, 24, 5]}
    assert {name: read_shape(tmp_path / name) for name in shapes} == shapes
    pairs = [("slice.dcm", "mask.png"), ("turned.jpg", "single.nii.gz"), ("volume.nii.gz", "short.nii.gz")]
    rows = [row(image, mask=mask) for image, mask in pairs]
    assert find_misfits(rows, tmp_path, {}).keys() == {2}


def test_an_image_that_cannot_be_read_is_left_to_those_who_read_its_pixels(folder):
    (folder / "a.png").write_bytes(b"no image")
    assert find_misfits(rows_with(a="fits"), folder, {}) == {}
