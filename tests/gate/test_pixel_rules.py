import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from bundle.errors import InputError
from bundle.gate import Kind, Outcome, find_slice_kind, judge_nifti, judge_picture
from bundle.intensity import Intensity
from tests.conftest import ROOT
from tests.readers.dicom_examples import head_hu
from tests.readers.test_voxel_unit import head, outside_circle

AFFINE = np.array([[0, -0.4, 0, 10], [-0.5, 0, 0, 20], [0, 0, 5, 30], [0, 0, 0, 1.0]])
LABELS = np.where(head() > 60, 5, np.where(head() > 0, 1, 0))


def stripped():
    brain = head()
    brain[(brain < -100) | (brain > 200)] = 0
    return brain


def trunk():
    """Soft tissue in fat, and a spine."""
    rows, columns = np.mgrid[-1:1:48j, -1:1:48j]
    from_centre = rows**2 / 0.5 + columns**2
    body = np.where(from_centre < 0.6, 45.0, np.where(from_centre < 0.9, -90.0, -1000.0))
    body[(rows - 0.3) ** 2 + columns**2 < 0.01] = 400
    return np.repeat(body[..., None], 8, axis=2)


def noisy(volume):
    return volume + np.random.default_rng(0).normal(0, 20, volume.shape)


VOLUMES = {
    "trunk": (Kind.NOT_A_HEAD, trunk(), np.int16),
    "trunk, wrapped": (Kind.NOT_A_HEAD, noisy(trunk()).astype(np.int16).view(np.uint16), np.uint16),
    "trunk without bone": (Kind.HEAD_CT, np.minimum(trunk(), 200), np.int16),
    "HU": (Kind.HEAD_CT, head(), np.int16),
    "rescaled twice": (Kind.UNKNOWN_UNIT, head().clip(max=800) - 1024, np.int16),
    "8 bits less 1024": (Kind.UNKNOWN_UNIT, head().clip(0, 80) * 3 - 1024, np.int16),
    "plus 1024": (Kind.SHIFTED_CT, head() + 1024, np.uint16),
    "plus 1000": (Kind.SHIFTED_CT, head() + 1000, np.float32),
    "wrapped": (Kind.HEAD_CT, head().astype(np.int16).view(np.uint16), np.uint16),
    "stripped": (Kind.STRIPPED_CT, stripped(), np.float32),
    "labels": (Kind.LABEL_MAP, LABELS, np.uint8),
    "mask of floats": (Kind.LABEL_MAP, LABELS > 1, np.float64),
    "many labels": (Kind.LABEL_MAP, np.arange(64).reshape(8, 8, 1).repeat(8, 0).repeat(8, 1).repeat(4, 2), np.int16),
    "zeros": (Kind.EMPTY, np.zeros((8, 8, 4)), np.int16),
    "MR": (Kind.UNKNOWN_UNIT, np.random.default_rng(0).gamma(4, 200, (16, 16, 8)), np.float32),
}


@pytest.mark.parametrize("name", VOLUMES)
def test_the_kind_of_a_volume(tmp_path, name):
    kind, volume, dtype = VOLUMES[name]
    nib.save(nib.Nifti1Image(volume.astype(dtype), AFFINE), tmp_path / "a.nii.gz")
    judgement, affine, depth = judge_nifti(tmp_path / "a.nii.gz")
    assert (judgement.kind, judgement.outcome, depth) == (kind, kind.outcome, volume.shape[2])
    assert (judgement.thickness, judgement.orientation) == (5.0, "axial")
    np.testing.assert_allclose(affine, AFFINE, atol=1e-6)


@pytest.mark.parametrize(("codes", "orientation"), [((0, 0), ""), ((1, 0), "axial"), ((0, 2), "axial")])
def test_a_volume_that_does_not_state_how_the_patient_lay_has_no_sides(tmp_path, codes, orientation):
    image = nib.Nifti1Image(head().astype(np.int16), AFFINE)
    image.set_qform(AFFINE, codes[0])
    image.set_sform(AFFINE, codes[1])
    nib.save(image, tmp_path / "a.nii")
    judgement, _, _ = judge_nifti(tmp_path / "a.nii")
    assert (judgement.kind, judgement.orientation) == (Kind.HEAD_CT, orientation)


def test_a_volume_of_coronal_slices_is_read_across_them_with_a_caution(tmp_path):
    nib.save(nib.Nifti1Image(head().astype(np.int16), np.diag([0.5, 5.0, 0.5, 1.0])), tmp_path / "a.nii")
    judgement, _, _ = judge_nifti(tmp_path / "a.nii")
    assert (judgement.kind, judgement.reason) == (Kind.REFORMAT, "it is read across its coronal slices")


def test_a_volume_that_is_cut_short_is_bad_input(tmp_path):
    nib.save(nib.Nifti1Image(head().astype(np.int16), AFFINE), tmp_path / "a.nii")
    content = (tmp_path / "a.nii").read_bytes()
    (tmp_path / "a.nii").write_bytes(content[:-100])
    with pytest.raises(InputError, match="damaged"):
        judge_nifti(tmp_path / "a.nii")


def picture(size=64):
    return np.clip((head_hu(size) + np.random.default_rng(0).normal(0, 5, (size, size))) * 2, 0, 255).astype(np.uint8)


def alpha_only():
    image = Image.new("RGBA", (64, 64))
    image.putalpha(Image.fromarray(picture()))
    return image


def with_mark(width, colour=(255, 40, 0)):
    """A slice of 128 pixels a side under a mark 4 pixels high."""
    image = Image.fromarray(picture(128)).convert("RGB")
    image.paste(colour, (60, 60, 60 + width, 64))
    return image


def page():
    """A page as docs/viewer.png has it: mostly white, and a little of it in colour."""
    image = Image.new("RGB", (256, 256), "white")
    image.paste(Image.fromarray(picture(128)).convert("RGB"), (64, 96))
    image.paste((200, 30, 30), (10, 10, 58, 34))
    return image


def outline():
    """An outlined bleed, whose edges a JPEG blurs, [256, 256]."""
    rows, columns = np.mgrid[-1:1:256j, -1:1:256j]
    return np.where((rows - 0.2) ** 2 + (columns / 1.7) ** 2 < 0.01, 255, 0).astype(np.uint8)


PICTURES = {
    "slice.png": (Kind.PICTURE, Image.fromarray(picture())),
    "slice.jpg": (Kind.PICTURE, Image.fromarray(picture())),
    "nearly empty.png": (Kind.PICTURE, Image.fromarray(np.pad(picture()[30:34, 30:34], 254))),
    "black.png": (Kind.EMPTY, Image.new("L", (256, 256))),
    "grey.jpg": (Kind.EMPTY, Image.new("RGB", (256, 256), (9, 9, 9))),
    "alpha.png": (Kind.EMPTY, alpha_only()),
    "mask.png": (Kind.LABEL_MAP, Image.fromarray(np.uint8(head_hu(256) > 60) * 255)),
    "labels.png": (Kind.LABEL_MAP, Image.fromarray(np.digitize(head_hu(256), [0, 60, 500]).astype(np.uint8))),
    "slice of three channels.png": (Kind.PICTURE, Image.fromarray(picture()).convert("RGB")),
    "slice of three channels.jpg": (Kind.PICTURE, Image.fromarray(picture()).convert("RGB")),
    "slice of a palette.png": (Kind.PICTURE, Image.fromarray(picture()).convert("P")),
    "slice with an arrow.png": (Kind.PICTURE, with_mark(20)),
    "slice with an arrow.jpg": (Kind.PICTURE, with_mark(10)),
    "slice with a grey mark.png": (Kind.PICTURE, with_mark(60, (200, 200, 200))),
    "slice under an overlay.png": (Kind.COLOUR, with_mark(60)),
    "page.png": (Kind.COLOUR, page()),
    "page.jpg": (Kind.COLOUR, page()),
    "page of a palette.png": (Kind.COLOUR, page().quantize(64)),
    "viewer.png": (Kind.COLOUR, Image.open(ROOT / "docs" / "viewer.png")),
    "mask.jpg": (Kind.LABEL_MAP, Image.fromarray(outline())),
    "a little head.jpg": (Kind.PICTURE, Image.fromarray(outline() // 2)),
    "16 bits.png": (Kind.UNKNOWN_UNIT, Image.fromarray(picture().astype(np.uint16) * 16)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_kind_of_a_picture(tmp_path, name):
    kind, image = PICTURES[name]
    image.save(tmp_path / name)
    judgement = judge_picture(tmp_path / name)
    assert (judgement.kind, judgement.outcome) == (kind, kind.outcome)
    assert bool(judgement.reason) == (judgement.outcome is not Outcome.SCORED)
    assert ("alpha" in judgement.reason) == (name == "alpha.png")


def test_a_slice_of_one_value_or_of_a_lost_intercept():
    assert find_slice_kind(np.full((8, 8), -1024.0), Intensity.HU).kind is Kind.EMPTY
    slice_ = head()[..., 0]
    assert find_slice_kind(slice_, Intensity.HU) is None
    assert "RescaleIntercept is wrong" in find_slice_kind(slice_ + 1024, Intensity.HU).reason
    assert find_slice_kind(slice_ + 1024, Intensity.ARBITRARY) is None


@pytest.mark.parametrize("negative", [-1024.0, 3200.0 - 4096])
def test_a_lost_intercept_is_seen_behind_padding_and_behind_metal_that_wrapped_around(negative):
    slice_ = head()[..., 0] + 1024
    where = outside_circle(slice_) if negative == -1024 else (30, 30)
    slice_[where] = negative
    assert "RescaleIntercept is wrong" in find_slice_kind(slice_, Intensity.HU).reason


@pytest.mark.parametrize("outside", [-1024.0, 0.0])
def test_a_sound_slice_without_air_is_no_lost_intercept(outside):
    slice_ = head()[..., 0]
    slice_[slice_ < -200] = outside
    assert find_slice_kind(slice_, Intensity.HU) is None
    assert find_slice_kind(slice_[20:44, 20:44], Intensity.HU) is None
