import numpy as np
import pytest
from PIL import Image

from bundle.datalist.outlines import lesion_of, read_outlines
from bundle.errors import InputError
from bundle.labels import ANY
from tests.sources.nifti_examples import write_nifti


def save(path, mask, **options):
    Image.fromarray(mask).save(path, **options)
    return {"image": "unused", "mask": str(path)}


def test_kinds_by_their_values(tmp_path):
    mask = np.zeros((20, 30), np.uint8)
    mask[2:18, 2:28], mask[5:8, 5:8], mask[10, 10] = 1, 2, 6
    values = {1: "brain", 2: "epidural", 3: "intraparenchymal", 6: "subdural"}
    outlines = read_outlines(save(tmp_path / "m.png", mask), values)
    assert outlines.keys() == {"epidural", "subdural"}
    assert outlines["epidural"].sum() == 9
    assert lesion_of(outlines, "epidural", (20, 30), "m.png").sum() == 9
    assert lesion_of(outlines, "subarachnoid", (20, 30), "m.png").sum() == 10, "any bleed where the kind has no outline"
    with pytest.raises(InputError, match=r"m\.png has 20 × 30 pixels, its image 20 × 31"):
        lesion_of(outlines, "epidural", (20, 31), "m.png")


def test_a_mask_saved_as_jpeg_reads_as_it_was_drawn(tmp_path):
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 20:40] = 255
    row = save(tmp_path / "m.jpg", mask, quality=60)
    assert len(np.unique(np.asarray(Image.open(row["mask"])))) > 2
    (outline,) = read_outlines(row, {255: ANY}).values()
    assert np.array_equal(outline, mask == 255)


def test_without_values_anything_is_a_bleed_and_nothing_is_none(tmp_path):
    mask = np.zeros((8, 8), np.uint8)
    assert read_outlines(save(tmp_path / "a.png", mask), {}) == {}
    mask[1, 2] = 1
    assert read_outlines(save(tmp_path / "a.png", mask), {})[ANY].sum() == 1


def test_a_slice_of_a_volume_is_read_as_its_image_is(tmp_path):
    volume = np.zeros((12, 10, 3), np.int16)
    volume[1:4, 2, 1] = 5
    write_nifti(tmp_path / "m.nii.gz", volume)
    write_nifti(tmp_path / "i.nii.gz", volume)
    row = {"image": str(tmp_path / "i.nii.gz"), "mask": str(tmp_path / "m.nii.gz"), "slice": 1}
    assert sum(each.sum() for each in read_outlines(row, {}).values()) == 3
    assert read_outlines({**row, "slice": 0}, {}) == {}
