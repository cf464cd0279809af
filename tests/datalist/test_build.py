import json

import nibabel
import numpy as np
import pytest
from PIL import Image

from bundle.datalist import SECTIONS, Collection, Skipped, build, build_datalist, build_datalists, format_counts
from bundle.errors import InputError
from tests.datalist.examples import NORMAL, SUBDURAL, row, save_noise


def anonymous(image, label=NORMAL):
    return {"image": image, "label": list(label)}


@pytest.fixture
def folder(tmp_path):
    for index in range(10):
        save_noise(tmp_path / f"{index}.png", index)
    save_noise(tmp_path / "bright0.png", 0, shift=9)
    save_noise(tmp_path / "same1.png", 1)
    save_noise(tmp_path / "same2.png", 2)
    (tmp_path / "broken.png").write_bytes(b"no image")
    return tmp_path


def test_near_duplicates_are_one_patient_and_contradictions_are_dropped(folder):
    rows = [anonymous(f"{index}.png") for index in range(10)]
    rows += [
        anonymous("bright0.png"),
        anonymous("same1.png"),
        anonymous("same2.png", SUBDURAL),
        anonymous("broken.png"),
    ]
    collection = Collection("test", rows)
    content = build_datalist(collection, folder, (0.5, 0.25, 0.25))
    patients = {each["image"]: each["patient"] for section in SECTIONS for each in content[section]}
    assert len(patients) == 10
    assert patients["0.png"] == patients["bright0.png"]
    assert len(set(patients.values())) == 9
    assert {skip.image for skip in collection.skipped} == {"2.png", "same1.png", "same2.png", "broken.png"}
    reason = "has the pixels of same2.png, and the labels of such images contradict"
    assert Skipped("2.png", reason) in collection.skipped
    assert collection.notes == [
        "1 images are copies of another image, which is kept once, with what their labels say",
        "2 images have identical pixels but contradictory labels, and none is kept",
        "10 images have no patient; near-duplicates count as one patient: 9 groups, the largest of 2 images",
    ]
    assert content["provenance"]["skipped"] == 4


def test_slices_of_a_series_without_a_patient_are_one_patient(folder):
    rows = [{**anonymous(f"{index}.png"), "series": f"s{index // 4}"} for index in range(10)]
    rows[9]["patient"] = "P"
    content = build_datalist(Collection("test", rows), folder, (0, 0, 1))
    patients = [each["patient"] for each in content["test"]]
    assert [len(set(patients[start:end])) for start, end in ((0, 4), (4, 8), (8, 10))] == [1, 1, 1]
    assert len(set(patients)) == 3 and patients[8] == "P"


def test_patients_with_one_uid_stay_in_one_section(folder):
    uid = "1.2.840.113619.2.55.3.604688119"
    rows = [{**row(f"{index}.png", patient=f"P{index}"), "series": f"{uid}.{index // 2}"} for index in range(10)]
    for seed in range(4):
        content = build_datalist(Collection("test", rows), folder, (0.5, 0.25, 0.25), seed)
        section_of = {each["series"]: section for section in SECTIONS for each in content[section]}
        for section in SECTIONS:
            assert all(section_of[each["series"]] == section for each in content[section])


def test_known_patients_are_kept_and_their_images_are_read_unless_skipped(folder):
    rows = [row(f"{index}.png", patient=f"P{index}") for index in range(3)]
    broken = row("broken.png", patient="P9")
    for leakage, patients in (("refuse", 3), ("skip", 4)):
        collection = Collection("test", [*rows, broken])
        content = build_datalist(collection, folder, leakage=leakage)
        assert sum(len(content[section]) for section in SECTIONS) == patients
        assert [skip.image for skip in collection.skipped] == ["broken.png"] * (4 - patients)
        assert content["provenance"]["leaks"] == {"refuse": 0, "skip": None}[leakage]


@pytest.fixture
def pseudonyms(folder):
    """Rows in which the patients A and B have one image each that is nearly the same, and ten others have none."""
    rows = [row(f"{index}.png", patient=f"P{index}") for index in range(1, 10)]
    return [*rows, row("0.png", patient="A"), row("bright0.png", patient="B")]


def test_near_duplicates_of_two_patients_in_two_sections_are_leaks(folder, pseudonyms):
    for seed in range(20):
        collection = Collection("test", pseudonyms)
        content = build_datalist(collection, folder, (0.5, 0.25, 0.25), seed)
        section_of = {each["patient"]: section for section in SECTIONS for each in content[section]}
        apart = section_of["A"] != section_of["B"]
        assert collection.leak_count == len(collection.leaks) == content["provenance"]["leaks"] == apart
        if apart:
            break
    assert collection.leaks[0] == (section_of["A"], "A", "0.png", section_of["B"], "B", "bright0.png", 1.0)


def test_patients_with_near_duplicates_can_be_joined(folder, pseudonyms):
    for seed in range(8):
        collection = Collection("test", pseudonyms)
        content = build_datalist(collection, folder, (0.5, 0.25, 0.25), seed, leakage="join")
        section_of = {each["patient"]: section for section in SECTIONS for each in content[section]}
        assert section_of["A"] == section_of["B"]
        assert collection.leaks == []
        assert collection.notes == [
            "2 patients share images or a series with another patient, and are kept in the same section"
        ]


def test_patients_with_an_identical_image_stay_in_one_section(folder):
    rows = [row(f"{index}.png", patient=f"P{index}") for index in range(2, 9)]
    rows += [row("0.png", patient="A"), row("1.png", patient="A"), row("same1.png", patient="B")]
    rows += [row("9.png", patient="B")]
    for seed in range(8):
        content = build_datalist(Collection("test", rows), folder, (0.5, 0.25, 0.25), seed)
        section_of = {each["image"]: section for section in SECTIONS for each in content[section]}
        assert "same1.png" not in section_of
        assert section_of["0.png"] == section_of["1.png"] == section_of["9.png"]


def test_empty_images_join_no_patients_and_are_kept_once(folder):
    for name in "abc":
        Image.new("L", (64, 64)).save(folder / f"empty{name}.png")
    rows = [row(f"{index}.png", patient=f"P{index}") for index in range(3)]
    collection = Collection("test", [*rows, *(row(f"empty{name}.png", patient=f"P{name}") for name in "abc")])
    content = build_datalist(collection, folder)
    assert {each["patient"] for section in SECTIONS for each in content[section]} == {"P0", "P1", "P2", "Pa"}
    assert collection.leaks == []


def test_slices_of_a_volume_are_read_one_by_one(folder):
    volume = np.random.default_rng(0).integers(0, 80, (32, 32, 4)).astype(np.int16)
    volume[..., 3] = volume[..., 0]
    nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), folder / "v.nii.gz")
    rows = [row("v.nii.gz", patient="V", slice=index) for index in range(5)]
    collection = Collection("test", [*rows, *(row(f"{index}.png", patient=f"P{index}", slice=0) for index in range(2))])
    content = build_datalist(collection, folder)
    assert sum(len(content[section]) for section in SECTIONS) == 5
    assert dict(collection.skipped) == {
        "v.nii.gz slice 3": "has the pixels of v.nii.gz slice 0, which is kept",
        "v.nii.gz slice 4": "has no slice 4; its 4 are numbered from 0",
    }
    collection = Collection(
        "test", [row("v.nii.gz", patient="V"), *(row(f"{index}.png", patient=f"P{index}") for index in range(3))]
    )
    build_datalist(collection, folder)
    assert dict(collection.skipped) == {"v.nii.gz": "is a volume of 4 slices; give each a row with its 'slice'"}


def test_folds_share_the_test_and_validate_each_row_once(folder):
    rows = [row(f"{index}.png", SUBDURAL if index % 2 else NORMAL, f"P{index}") for index in range(10)]
    contents = build_datalists(Collection("test", rows), folder, (0.6, 0.2, 0.2), folds=4)
    assert [(each["provenance"]["fold"], each["provenance"]["folds"]) for each in contents] == [
        (k, 4) for k in range(4)
    ]
    tests = [[each["image"] for each in content["test"]] for content in contents]
    assert len(tests[0]) == 2 and tests == tests[:1] * 4
    validated = [each["image"] for content in contents for each in content["validation"]]
    assert sorted([*validated, *tests[0]]) == sorted(each["image"] for each in rows)
    for content in contents:
        assert len(content["validation"]) == 2
        assert sum(len(content[section]) for section in SECTIONS) == 10
        assert not {each["image"] for each in content["training"]} & {each["image"] for each in content["validation"]}
        assert content["counts"]["validation"]["patients"] == 2


def test_leaks_between_folds_are_found(folder, pseudonyms):
    collection = Collection("test", pseudonyms)
    build_datalists(collection, folder, (0.9, 0, 0.1), folds=10)
    (leak,) = collection.leaks
    assert leak.section != leak.other_section and {leak.section[:4], leak.other_section[:4]} <= {"fold", "test"}


def test_the_same_dataset_gives_the_same_datalist_wherever_it_lies(folder, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    rows = [anonymous(f"{index}.png") for index in range(10)]
    first = build_datalist(Collection("test", rows), folder, seed=3)
    second = build_datalist(Collection("test", rows[::-1]), copy, seed=3)
    assert json.dumps(first) == json.dumps(second)
    assert str(folder) not in json.dumps(first)


def test_provenance_tells_how_it_was_made(folder, monkeypatch):
    (folder / "metadata.json").write_text('{"version": "4.5.6"}')
    monkeypatch.setattr(build, "METADATA", folder / "metadata.json")
    rows = [row(f"{index}.png", patient=f"P{index}") for index in range(3)]
    content = build_datalist(
        Collection("test", rows), folder, (0.6, 0.2, 0.2), 7, leakage="allow", options={"images": "x"}
    )
    assert content["provenance"] == {
        "version": "4.5.6", "seed": 7, "fractions": [0.6, 0.2, 0.2], "leakage": "allow", "leaks": 0, "skipped": 0,
        "seen": {"slices": 0, "place": "training"},
        "options": {"images": "x"},
    }  # fmt: skip


def test_counts_and_table_agree(tmp_path):
    rows = [row(f"{index}.png", SUBDURAL if index % 2 else NORMAL, f"P{index // 4}") for index in range(40)]
    content = build_datalist(Collection("test", rows), tmp_path, leakage="skip")
    assert content["counts"]["validation"] == {
        "patients": 1, "slices": 4, "normal": 2, "epidural": 0, "intraparenchymal": 0, "intraventricular": 0,
        "subarachnoid": 0, "subdural": 2, "any": 2,
    }  # fmt: skip
    lines = format_counts({section: content[section] for section in SECTIONS}).splitlines()
    assert lines[0].split() == list(content["counts"]["test"])
    assert lines[4].split() == ["total", "10", "40", "20", "0", "0", "0", "0", "20", "20"]


def test_nothing_usable_is_one_sentence(folder):
    with pytest.raises(InputError, match="no usable image"):
        build_datalist(Collection("test", [anonymous("broken.png")]), folder)


def test_sections_without_a_hemorrhage_are_noted(tmp_path):
    rows = [row(f"{number}.png", SUBDURAL if number == 0 else NORMAL, f"P{number}") for number in range(30)]
    collection = Collection("test", rows)
    build_datalist(collection, tmp_path, leakage="skip")
    assert collection.notes == ["there is no hemorrhage in validation and test: too few patients have one"]
