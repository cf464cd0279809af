"""What no source takes into a training set; what it is, is tested with the gate."""

import csv

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from bundle.labels import LABELS
from bundle.sources import read_image_folder, read_rsna, read_table
from tests.gate.test_pixel_rules import AFFINE, alpha_only, picture
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom

SCOUT = {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}
REASONS = {
    "black.png": "is left out (empty): all of it is 0",
    "alpha.png": "is left out (empty): its picture is in its alpha channel; save it in grey",
    "mask.png": "is left out (label map): its 2 grey values are those of a mask",
    "scout.dcm": "is left out (scout): its ImageType says LOCALIZER",
    "cbf.dcm": "is left out (perfusion map): its ImageType says PERFUSION",
    "intercept.dcm": "is a CT without RescaleIntercept, so its HU are unknown; export it again with it",
    "slope.dcm": "is a CT without RescaleSlope, so its HU are unknown; export it again with it",
}
KEPT = {"nearly.png", "good.png", "page.png", "bone.dcm", "mr.dcm"}


def write_images(folder):
    folder.mkdir(parents=True)
    Image.fromarray(picture()).save(folder / "good.png")
    Image.fromarray(np.pad(picture()[30:34, 30:34], 254)).save(folder / "nearly.png")
    Image.new("L", (256, 256)).save(folder / "black.png")
    alpha_only().save(folder / "alpha.png")
    Image.fromarray(np.uint8(head_hu(64) > 60) * 255).save(folder / "mask.png")
    Image.merge("RGB", [Image.fromarray(layer) for layer in (picture(), 0 * picture(), 255 - picture())]).save(
        folder / "page.png"
    )
    write_dicom(folder / "scout.dcm", make_dicom(head_hu(16), **SCOUT))
    write_dicom(folder / "cbf.dcm", make_dicom(head_hu(16), ImageType=["DERIVED", "PRIMARY", "PERFUSION"]))
    write_dicom(folder / "intercept.dcm", make_dicom(head_hu(16), RescaleIntercept=None))
    write_dicom(folder / "slope.dcm", make_dicom(head_hu(16), RescaleSlope=None))
    write_dicom(folder / "bone.dcm", make_dicom(head_hu(16), ConvolutionKernel="H60s"))
    write_dicom(folder / "mr.dcm", make_dicom(head_hu(16), Modality="MR"))


def write_lines(path, *lines):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(lines)


def of_folder(root):
    write_images(root / "normal")
    return read_image_folder(root)


def of_table(root):
    write_images(root / "a")
    write_lines(root / "t.csv", ["image", "any"], *[[f"a/{name}", 0] for name in (*REASONS, *sorted(KEPT))])
    return read_table(root, root / "t.csv")


def of_rsna(root):
    write_images(root / "images")
    names = [name.split(".")[0] for name in (*REASONS, *KEPT)]
    for file in (root / "images").iterdir():
        file.rename(file.with_name(f"ID_{file.name}"))
    lines = [[f"ID_{name}_{label}", 0] for name in names for label in LABELS]
    write_lines(root / "stage_2_train.csv", ["ID", "Label"], *lines)
    return read_rsna(root)


@pytest.mark.parametrize("read", [of_folder, of_table, of_rsna])
def test_what_is_no_slice_of_a_head_is_left_out_and_what_is_one_of_any_kind_stays(tmp_path, read):
    collection = read(tmp_path)
    named = {skip.image.split("/")[-1].removeprefix("ID_"): skip.reason for skip in collection.skipped}
    assert named == REASONS
    assert {row["image"].split("/")[-1].removeprefix("ID_") for row in collection.rows} == KEPT


def test_a_mask_is_no_volume_of_a_table(tmp_path):
    nib.save(nib.Nifti1Image(np.uint8(head_hu(16) > 60)[..., None], AFFINE), tmp_path / "mask.nii")
    write_lines(tmp_path / "t.csv", ["image", "any"], ["mask.nii", 0])
    collection = read_table(tmp_path, tmp_path / "t.csv")
    assert collection.rows == [] and "(label map)" in collection.skipped[0].reason
