import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bundle.errors import InputError
from bundle.labels import ANY, LABELS, SUBTYPES, check_label
from bundle.readers import HeadImageReader
from bundle.sources import read_segmentation_masks
from bundle.sources.mask_labels import find_areas, label_slice, parse_classes
from tests.datalist.examples import BLEED, NORMAL
from tests.sources.masks_layout import DEPTH, square_mask, write_bhsd, write_instance
from tests.sources.nifti_examples import numbered_ct, write_nifti


def only(subtype):
    return [int(name in (subtype, ANY)) for name in LABELS]


@pytest.mark.parametrize("codes", ["LPS", "RAI", "SPL"])
def test_bhsd_labels_the_slices_where_the_mask_is(tmp_path, codes):
    collection = read_segmentation_masks(write_bhsd(tmp_path, codes=codes))
    assert len(collection.rows) == 6 * len({row["slice"] for row in collection.rows})
    assert (collection.skipped, collection.notes) == ([], [])
    reader = HeadImageReader()
    for row in collection.rows:
        mask, meta = reader.get_data(reader.read(tmp_path / row["mask"]))
        values = set(np.unique(mask[..., row["slice"]]).astype(int)) - {0}
        assert row["label"][:5] == [int(value in values) for value in range(1, 6)]
        assert row["label"][-1] == bool(values)
        assert row["position"] == (meta["affine"] @ (0, 0, row["slice"], 1))[2]


def test_bhsd_names_are_the_patient_and_study_of_rsna(tmp_path):
    rows = read_segmentation_masks(write_bhsd(tmp_path)).rows
    assert {(row["patient"], row["study"]) for row in rows} == {
        (f"ID_{number // 2:08x}", f"ID_{number:010x}") for number in range(6)
    }
    assert rows[0]["mask"] == "ground truths/ID_00000000_ID_0000000000.nii.gz"


def test_instance_tells_a_bleed_and_not_its_kind(tmp_path):
    rows = read_segmentation_masks(write_instance(tmp_path)).rows
    assert {(row["patient"], row["slice"]) for row in rows if row["label"] == BLEED} == {("001", 1), ("003", 1)}
    assert sum(row["label"] == NORMAL for row in rows) == 4 * DEPTH - 2


def test_a_small_area_is_unknown_and_neither_is_another_area_of_its_slice(tmp_path):
    """Pixels are of 0.25 mm²: a square of 3 pixels has 2.25, of 8 pixels 16 mm²."""
    mask = square_mask(1, 0, 3) + square_mask(2, 1, 8)
    mask[12:15, 12:15, 1] = 5
    write_nifti(tmp_path / "images" / "a.nii", numbered_ct(DEPTH))
    write_nifti(tmp_path / "ground truths" / "a.nii", mask)
    labels = [row["label"] for row in read_segmentation_masks(tmp_path).rows]
    assert labels == [[None, 0, 0, 0, 0, None], [0, 1, 0, 0, None, 1], NORMAL, NORMAL]
    labels = [row["label"] for row in read_segmentation_masks(tmp_path, min_area=2).rows]
    assert labels == [only("epidural"), [0, 1, 0, 0, 1, 1], NORMAL, NORMAL]


@pytest.mark.parametrize("spacing", [(0.5, 0.5, 5.0), (1, 2, 3)])
def test_areas_are_in_square_millimetres(tmp_path, spacing):
    area = 16 * spacing[0] * spacing[1]
    write_nifti(tmp_path / "data" / "a.nii", numbered_ct(DEPTH), spacing=spacing)
    write_nifti(tmp_path / "label" / "a.nii", square_mask(1, 2, 4), spacing=spacing)
    for min_area, expected in ((area, BLEED), (area * 1.01, [None] * 6)):
        assert read_segmentation_masks(tmp_path, min_area=min_area).rows[2]["label"] == expected


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    hnp.arrays(np.uint8, (6, 5, 3), elements=st.integers(0, 5)),
    st.sampled_from([0, 0.5, 2, 10, 40]),
    st.sampled_from([0.25, 1]),
)
def test_labels_follow_the_areas(masks, min_area, pixel_area):
    areas = find_areas(masks, dict(enumerate(SUBTYPES, start=1)), pixel_area)
    for index in range(masks.shape[-1]):
        label = label_slice({name: area[index] for name, area in areas.items()}, min_area)
        assert label == check_label(label)
        for value, known in enumerate(label[:5], start=1):
            area = (masks[..., index] == value).sum() * pixel_area
            assert known == (0 if area == 0 else 1 if area >= min_area else None)
        total = (masks[..., index] > 0).sum() * pixel_area
        assert label[-1] == (0 if total == 0 else 1 if total >= min_area else None)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(hnp.arrays(np.uint8, (4, 4, 2), elements=st.integers(0, 2)), st.sampled_from([ANY, "epidural"]))
def test_what_the_masks_do_not_tell_is_unknown(masks, other):
    """With a value for any bleed everything is outlined; with subdural and epidural alone, other kinds are not."""
    areas = find_areas(masks, {1: "subdural", 2: other}, 1.0)
    for index in range(2):
        label = label_slice({name: area[index] for name, area in areas.items()}, 3)
        first, second = ((masks[..., index] == value).sum() for value in (1, 2))
        untold = label[:4] if other == ANY else label[1:4]
        assert set(untold) == ({0} if other == ANY and first + second == 0 else {None})
        absent = None if other == ANY and second else 0
        assert label[4] == (1 if first >= 3 else None if first else absent)
        some = 1 if first + second >= 3 else None
        assert label[5] == (some if first + second or other != ANY else 0)
        if other != ANY:
            assert label[0] == (1 if second >= 3 else None if second else 0)


def test_masks_that_do_not_fit_their_volume_are_refused_and_listed(tmp_path):
    write_bhsd(tmp_path, 6)
    names = sorted(file.name for file in (tmp_path / "images").iterdir())
    masks = tmp_path / "ground truths"
    write_nifti(masks / names[0], square_mask(1, 0, depth=DEPTH + 1), "LPS")
    write_nifti(masks / names[1], square_mask(1, 0), "LAS")
    write_nifti(masks / names[2], square_mask(1, 0) * np.uint8(7), "LPS")
    (masks / names[3]).write_bytes((masks / names[3]).read_bytes()[:60])
    (masks / names[4]).unlink()
    (tmp_path / "images" / "readme.md").write_text("")
    write_nifti(masks / "other.nii", square_mask(1, 0))
    collection = read_segmentation_masks(tmp_path)
    assert {row["image"] for row in collection.rows} == {f"images/{names[5]}"}
    reasons = dict(collection.skipped)
    assert reasons.pop("images/readme.md") == "is no NIfTI file"
    assert reasons.pop("ground truths/other.nii") == "is no volume or mask with its counterpart"
    assert reasons.pop(f"images/{names[4]}") == "is no volume or mask with its counterpart"
    expected = (
        "[16, 16, 4] and its mask [16, 16, 5]",
        "lie elsewhere",
        "which has the value 7",
        "which is not a readable NIfTI",
    )
    for name, said in zip(names, expected, strict=False):
        assert said in reasons.pop(f"images/{name}")
    assert reasons == {}


def test_headers_that_round_differently_still_fit(tmp_path):
    file = write_nifti(tmp_path / "data" / "a.nii", numbered_ct(DEPTH))
    affine = nib.load(file).affine.copy()
    affine[:3, 3] += 0.01
    (tmp_path / "label").mkdir()
    nib.save(nib.Nifti1Image(square_mask(1, 0), affine), tmp_path / "label" / "a.nii")
    assert len(read_segmentation_masks(tmp_path).rows) == DEPTH


@pytest.mark.parametrize(("images", "masks"), [("imagesTr", "labelsTr"), ("all", "all")])
def test_other_folders_and_suffixes(tmp_path, images, masks):
    for name in ("a", "b"):
        write_nifti(tmp_path / images / f"{name}_0000.nii.gz", numbered_ct(DEPTH))
        write_nifti(tmp_path / masks / f"{name}_seg.nii", square_mask(255, 1))
    options = {"images": images, "masks": masks, "image_suffix": "_0000", "mask_suffix": "_seg"}
    collection = read_segmentation_masks(tmp_path, values="255=any", **options)
    assert [row["label"] for row in collection.rows] == [NORMAL, BLEED, NORMAL, NORMAL] * 2
    assert {row["patient"] for row in collection.rows} == {"a", "b"}
    assert collection.skipped == []
    with pytest.raises(InputError, match="is not known; write --values"):
        read_segmentation_masks(tmp_path, **options)
    with pytest.raises(InputError, match="has a mask of its name"):
        read_segmentation_masks(tmp_path, values="255=any", **options | {"image_suffix": ""})


def test_folders_by_their_whole_path(tmp_path):
    write_instance(tmp_path, 2)
    options = {"images": str(tmp_path / "data"), "masks": str(tmp_path / "label") + "/"}
    (tmp_path / "data" / "notes.txt").touch()
    collection = read_segmentation_masks(tmp_path, **options)
    assert (collection.rows[0]["image"], collection.rows[0]["mask"]) == ("data/001.nii.gz", "label/001.nii.gz")
    assert collection.skipped == [("data/notes.txt", "is no NIfTI file")]


def test_a_mask_suffix_beside_plain_names_in_one_folder(tmp_path):
    write_nifti(tmp_path / "all" / "a.nii", numbered_ct(DEPTH))
    write_nifti(tmp_path / "all" / "a_mask.nii", square_mask(1, 0))
    collection = read_segmentation_masks(tmp_path, "all", "all", "1=subdural", mask_suffix="_mask")
    assert [row["label"][4] for row in collection.rows] == [1, 0, 0, 0]
    assert [row["label"][0] for row in collection.rows] == [None] * DEPTH


@pytest.mark.parametrize("text", ["", "1", "1=stroke", "0=any", "a=any", "-1=any"])
def test_values_that_cannot_be_read_are_one_sentence(tmp_path, text):
    write_instance(tmp_path, 1)
    with pytest.raises(InputError, match="write --values 1=epidural,2=subdural"):
        read_segmentation_masks(tmp_path, values=text)


def test_values_are_written_as_pairs():
    assert parse_classes("1=epidural, 5 = any") == {1: "epidural", 5: "any"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "has not just the folders images and ground truths"),
        ({"images": "none", "masks": "none"}, "has no folder none"),
        ({"images": "..", "masks": ".."}, r"the folder is '\.\.', which is not inside"),
        ({"images": "x", "masks": "y", "values": "1=any"}, "no volume in .*x has a mask of its name in .*y"),
        ({"images": "x", "masks": "y", "values": "1=any", "min_area": -1}, "--min_area"),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence(tmp_path, options, said):
    for name in "xy":
        (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=said):
        read_segmentation_masks(tmp_path, **options)
    with pytest.raises(InputError, match="is no folder"):
        read_segmentation_masks(tmp_path / "none")
