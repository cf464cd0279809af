import json

import pytest

from bundle.datalist import SECTIONS, Collection, Skipped, build, build_datalist, format_counts
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
    assert len(patients) == 11
    assert patients["0.png"] == patients["bright0.png"]
    assert patients["1.png"] == patients["same1.png"]
    assert len(set(patients.values())) == 9
    assert {skip.image for skip in collection.skipped} == {"2.png", "same2.png", "broken.png"}
    assert Skipped("2.png", "has the pixels of same2.png, which is labelled otherwise") in collection.skipped
    assert "13 images name no patient" in collection.notes[0]
    assert "give 10 groups, the largest of 2, 2, 2 images" in collection.notes[0]
    assert content["provenance"]["skipped"] == 3


def test_known_patients_are_kept_and_their_images_are_not_read(tmp_path):
    rows = [row(f"absent{index}.png", patient=f"P{index}") for index in range(3)]
    content = build_datalist(Collection("test", rows), tmp_path)
    assert sorted(content[section][0]["patient"] for section in SECTIONS) == ["P0", "P1", "P2"]


def test_the_same_dataset_gives_the_same_datalist_wherever_it_lies(folder, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    rows = [anonymous(f"{index}.png") for index in range(10)]
    first = build_datalist(Collection("test", rows), folder, seed=3)
    second = build_datalist(Collection("test", rows[::-1]), copy, seed=3)
    assert json.dumps(first) == json.dumps(second)
    assert str(folder) not in json.dumps(first)


def test_provenance_has_the_version_of_the_bundle(tmp_path, monkeypatch):
    (tmp_path / "metadata.json").write_text('{"version": "4.5.6"}')
    monkeypatch.setattr(build, "METADATA", tmp_path / "metadata.json")
    rows = [row(f"{patient}.png", patient=patient) for patient in "abc"]
    content = build_datalist(Collection("test", rows), tmp_path, (0.6, 0.2, 0.2), 7)
    assert content["provenance"] == {"seed": 7, "fractions": [0.6, 0.2, 0.2], "skipped": 0, "version": "4.5.6"}


def test_counts_and_table_agree(tmp_path):
    rows = [row(f"{index}.png", SUBDURAL if index % 2 else NORMAL, f"P{index // 4}") for index in range(40)]
    content = build_datalist(Collection("test", rows), tmp_path)
    assert content["counts"]["validation"] == {
        "patients": 1, "slices": 4, "epidural": 0, "intraparenchymal": 0, "intraventricular": 0, "subarachnoid": 0,
        "subdural": 2, "any": 2,
    }  # fmt: skip
    lines = format_counts(content).splitlines()
    assert lines[0].split() == list(content["counts"]["test"])
    assert lines[4].split() == ["total", "10", "40", "0", "0", "0", "0", "20", "20"]


def test_nothing_usable_is_one_sentence(folder):
    with pytest.raises(InputError, match="no usable image"):
        build_datalist(Collection("test", [anonymous("broken.png")]), folder)
