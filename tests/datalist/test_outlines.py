import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bundle.datalist.outlines import lesion_of, read_outlines
from bundle.errors import InputError
from bundle.labels import ANY, SUBTYPES
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


OF_SUBTYPES = {1: "brain", **dict(enumerate(SUBTYPES, start=2))}
COLOURS = [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0, 0, 0, 128, 128, 0, 128, 0, 128, 128]


@settings(derandomize=True, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted(OF_SUBTYPES)), st.permutations(range(1, 7)))
def test_of_a_palette_of_colours_the_index_is_the_value_and_of_greys_the_grey(tmp_path, value, order):
    mask = np.zeros((16, 16), np.uint8)
    mask[2:5, 3:6] = value
    expected = {name: 9 for each, name in OF_SUBTYPES.items() if each == value and name != "brain"}
    coloured = Image.fromarray(mask)
    coloured.putpalette([*COLOURS[:3], *(COLOURS[3 * each + k] for each in order for k in range(3))])
    coloured.save(tmp_path / "c.png")
    greys = Image.fromarray(np.where(mask, 1, 0).astype(np.uint8))
    greys.putpalette([0, 0, 0, value, value, value])
    greys.save(tmp_path / "g.png")
    for name in ("c.png", "g.png"):
        with Image.open(tmp_path / name) as image:
            assert image.mode == "P"
        outlines = read_outlines({"image": "unused", "mask": str(tmp_path / name)}, OF_SUBTYPES)
        assert {kind: outline.sum() for kind, outline in outlines.items()} == expected


@pytest.mark.parametrize("value", [7, 38, 255])
def test_a_value_that_is_near_none_of_several_is_refused(tmp_path, value):
    mask = np.zeros((8, 8), np.uint8)
    mask[1, 2], mask[3, 3] = 6, value
    row = save(tmp_path / "m.png", mask)
    with pytest.raises(
        InputError, match=rf"m\.png has the value {value}, and named are 1, 2, 3, 4, 5, 6; save the mask"
    ):
        read_outlines(row, OF_SUBTYPES)
    assert read_outlines(row, {1: "any"})["any"].sum() == 2, "of one value nothing else can be meant"


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
