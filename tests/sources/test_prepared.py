import json

import pytest

from bundle.datalist import build_datalist, write_datalist
from bundle.errors import InputError
from bundle.sources import read_image_folder, read_prepared
from bundle.sources.person import pseudonym
from tests.datalist.examples import datalist, row, save_noise
from tests.sources.nifti_examples import numbered_ct, write_nifti


@pytest.fixture
def sets(tmp_path):
    for number, name in enumerate(("north", "south")):
        for image in range(4):
            kind = "normal" if image % 2 else "subdural"
            save_noise(tmp_path / name / kind / f"p{image}" / "1.png", 10 * number + image)
        content = build_datalist(read_image_folder(tmp_path / name), tmp_path / name, (0.5, 0.25, 0.25))
        write_datalist(tmp_path / name / "datalist.json", content)
    return tmp_path


def change(path, **keys):
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def test_rows_of_all_sections_of_all_sets(sets):
    rows = read_prepared(sets, "north,south").rows
    assert sorted(row["image"] for row in rows) == sorted(
        path.relative_to(sets).as_posix() for path in sets.rglob("*.png")
    )
    assert {(row["site"], row["patient"]) for row in rows} == {
        (name, f"{name}/{pseudonym(f'p{number}')}") for name in ("north", "south") for number in range(4)
    }


def test_a_site_that_is_known_stays(sets):
    content = json.loads((sets / "north" / "datalist.json").read_text())
    change(sets / "north" / "datalist.json", training=[{**row, "site": "A"} for row in content["training"]])
    assert {row["site"] for row in read_prepared(sets, ["north"]).rows} == {"A", "north"}


def test_the_command_splits_anew(sets, command):
    made = command("scripts.prepare", "prepared", sets, "north,south", "--folds", 2, "--fractions", "1,0,0")
    assert made.returncode == 0, made.stderr
    folds = [json.loads((sets / f"datalist_fold{fold}.json").read_text()) for fold in range(2)]
    assert folds[0]["source"] == "prepared"
    assert [len(fold["validation"]) for fold in folds] == [4, 4]


def outline(folder, mask_values=None):
    """Give the first row of a set a mask, and its datalist what the values mean."""
    content = json.loads((folder / "datalist.json").read_text())
    save_noise(folder / "mask.png", 0)
    rows = [{**content["training"][0], "mask": "mask.png"}, *content["training"][1:]]
    change(folder / "datalist.json", training=rows, **({"mask_values": mask_values} if mask_values else {}))


def test_values_of_masks_must_mean_the_same(sets):
    outline(sets / "north", {"1": "any"})
    change(sets / "south" / "datalist.json", mask_values={"1": "brain"})  # but no mask
    collection = read_prepared(sets, "north,south")
    assert collection.mask_values == {1: "any"}
    assert [row["mask"] for row in collection.rows if "mask" in row] == ["north/mask.png"]
    outline(sets / "south", {"1": "brain"})
    with pytest.raises(
        InputError, match=r"south and .*north mean different things .* \(1 brain; 1 any\); give the masks"
    ):
        read_prepared(sets, "north,south")


@pytest.mark.parametrize(("first", "second"), [("north", "south"), ("south", "north")])
def test_masks_without_a_legend_get_no_other_sets(sets, first, second):
    outline(sets / "north", {"4": "subdural"})
    outline(sets / "south")
    with pytest.raises(InputError, match=r"mean different things .*no mask_values, so all but 0 any"):
        read_prepared(sets, [first, second])
    change(sets / "south" / "datalist.json", mask_values={"4": "subdural"})  # as the error says
    assert read_prepared(sets, [first, second]).mask_values == {4: "subdural"}


def test_masks_that_all_have_no_legend_can_be_joined(sets):
    outline(sets / "north")
    outline(sets / "south")
    assert read_prepared(sets, "north,south").mask_values == {}


def test_volumes_and_images_of_one_slice_are_joined(sets):
    write_nifti(sets / "volumes" / "v.nii", numbered_ct(2))
    rows = [row("v.nii", patient="v", slice=index) for index in range(2)]
    write_datalist(sets / "volumes" / "datalist.json", datalist(rows))
    collection = read_prepared(sets, "north,volumes")
    slices = {each["image"]: each["slice"] for each in collection.rows}
    assert slices.pop("volumes/v.nii") == 1 and set(slices.values()) == {0} and len(collection.rows) == 6
    write_datalist(sets / "datalist.json", build_datalist(collection, sets, (1, 0, 0)))


def test_a_set_that_is_not_prepared(sets):
    with pytest.raises(InputError, match=r"east.*datalist\.json does not exist"):
        read_prepared(sets, "north,east")
