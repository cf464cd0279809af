import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from bundle.results.field_of_view import CUT_OFF, INVERTED, doubtful_views


def head(centre):
    """A disc of soft tissue in air, [192, 192, 5], whose centre lies so far from the left edge, as a share."""
    rows, columns = np.mgrid[0:1:192j, 0:1:192j]
    inside = (rows - 0.5) ** 2 + (columns - centre) ** 2 < 0.35**2
    return np.repeat(np.where(inside, 40.0, -1000.0)[..., None], 5, axis=2).astype(np.int16)


def rows(path, count=5):
    return [
        {"image": str(path), "slice": z, "study": "", "series": path.name, "position": 5.0 * z} for z in range(count)
    ]


@pytest.mark.parametrize(("centre", "cut_off"), [(0.5, False), (0.33, False), (0.0, True), (1.0, True)])
def test_a_head_half_outside_the_picture(tmp_path, centre, cut_off):
    nib.save(nib.Nifti1Image(head(centre), np.diag([-1, -1, 5, 1])), tmp_path / "a.nii")
    assert doubtful_views(rows(tmp_path / "a.nii")) == ({("", "a.nii", ""): CUT_OFF} if cut_off else {})


def picture(path, pixels):
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return {"image": str(path), "study": "", "series": path.name, "position": None}


def test_pictures_that_are_full_of_head_and_files_that_are_gone(tmp_path):
    full = np.full((192, 150), 200)
    full[:12, :12] = full[:12, -12:] = full[-12:, :12] = full[-12:, -12:] = 0
    assert doubtful_views([picture(tmp_path / "a.png", full), *rows(tmp_path / "gone.nii")]) == {}
    assert doubtful_views([]) == {}


def test_slices_of_few_pixels(tmp_path):
    nib.save(nib.Nifti1Image(head(0.5)[::2, ::2], np.diag([-2, -2, 5, 1])), tmp_path / "a.nii")
    found = doubtful_views([*rows(tmp_path / "a.nii"), picture(tmp_path / "b.png", head(0.5)[1::2, :190, 0] > 0)])
    assert found == {
        ("", "a.nii", ""): "its slices have only 96 by 96 pixels",
        ("", "b.png", ""): "its slices have only 96 by 190 pixels",
    }


def test_pictures_in_which_air_is_bright(tmp_path):
    grey = 100 * (head(0.5)[..., 0] > 0)
    found = doubtful_views([picture(tmp_path / "a.png", grey), picture(tmp_path / "b.png", 255 - grey)])
    assert found == {("", "b.png", ""): INVERTED}
