import nibabel as nib
import numpy as np
import pytest
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged
from PIL import Image

from bundle.readers import HeadImageReader
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom


@pytest.fixture
def images(tmp_path):
    """Write the same slice, one higher than wide, in each format."""
    hu = head_hu(24)[:, :20]
    write_dicom(tmp_path / "slice.dcm", make_dicom(hu))
    for number in range(3):
        path = tmp_path / "series" / f"{number}.dcm"
        write_dicom(path, make_dicom(hu, ImagePositionPatient=[0, 0, number]))
    volume = np.repeat(hu[..., None], 3, axis=2).astype(np.int16)
    nib.save(nib.Nifti1Image(volume, [[0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]), tmp_path / "v.nii.gz")
    Image.fromarray(np.clip(hu, 0, 255).astype(np.uint8)).save(tmp_path / "slice.png")
    return tmp_path, hu


@pytest.mark.parametrize(
    ("name", "shape", "intensity"),
    [
        ("slice.dcm", (1, 24, 20), "HU"),
        ("series", (1, 24, 20, 3), "HU"),
        ("v.nii.gz", (1, 24, 20, 3), "HU"),
        ("slice.png", (1, 24, 20), "display"),
    ],
)
def test_load_image_from_a_config(images, name, shape, intensity):
    folder, hu = images
    reader = {"_target_": "bundle.readers.HeadImageReader"}
    parser = ConfigParser({"load": {"_target_": "LoadImaged", "keys": "image", "reader": reader, "image_only": True}})
    transform = Compose([parser.get_parsed_content("load"), EnsureChannelFirstd(keys="image")])
    image = transform({"image": str(folder / name)})["image"]
    assert isinstance(image, MetaTensor)
    assert tuple(image.shape) == shape
    assert image.meta["intensity"] == intensity
    assert image.affine.shape == (4, 4)
    expected = np.clip(hu, 0, 255) if intensity == "display" else hu
    plane = image[0] if len(shape) == 3 else image[0, ..., 1]
    np.testing.assert_array_equal(plane.numpy(), expected)


def test_several_paths_are_one_series(images):
    folder, _ = images
    paths = sorted((folder / "series").iterdir(), reverse=True)
    image = LoadImaged(keys="image", reader=HeadImageReader, image_only=True)({"image": paths})["image"]
    assert tuple(image.shape) == (24, 20, 3)
    assert image.affine[2, 3] == 0


def test_verify_suffix(images):
    folder, _ = images
    (folder / "a.txt").write_text("text")
    reader = HeadImageReader()
    assert reader.verify_suffix([folder / "slice.dcm", folder / "series", folder / "v.nii.gz", folder / "slice.png"])
    assert not reader.verify_suffix(folder / "a.txt")
