import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from bundle.results.field_of_view import CUT_OFF, cut_off_heads


def head(centre):
    """A disc of soft tissue in air, [64, 64, 5], whose centre lies so far from the left edge, as a share."""
    rows, columns = np.mgrid[0:1:64j, 0:1:64j]
    inside = (rows - 0.5) ** 2 + (columns - centre) ** 2 < 0.35**2
    return np.repeat(np.where(inside, 40.0, -1000.0)[..., None], 5, axis=2).astype(np.int16)


def rows(path, count=5):
    return [
        {"image": str(path), "slice": z, "study": "", "series": path.name, "position": 5.0 * z} for z in range(count)
    ]


@pytest.mark.parametrize(("centre", "cut_off"), [(0.5, False), (0.33, False), (0.0, True), (1.0, True)])
def test_a_head_half_outside_the_picture(tmp_path, centre, cut_off):
    nib.save(nib.Nifti1Image(head(centre), np.diag([-1, -1, 5, 1])), tmp_path / "a.nii")
    assert cut_off_heads(rows(tmp_path / "a.nii")) == ({("", "a.nii", ""): CUT_OFF} if cut_off else {})


def test_pictures_and_files_that_are_gone_are_not_looked_at(tmp_path):
    Image.fromarray(np.full((64, 64), 200, np.uint8)).save(tmp_path / "a.png")
    picture = {"image": str(tmp_path / "a.png"), "study": "", "series": "png", "position": None}
    assert cut_off_heads([picture, *rows(tmp_path / "gone.nii")]) == {}
    assert cut_off_heads([]) == {}
