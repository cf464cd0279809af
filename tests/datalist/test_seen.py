import numpy as np
import pytest

from bundle.datalist import SECTIONS, Collection, build, build_datalist, build_datalists, find_seen, read_seen
from bundle.datalist.read_pixels import read_pixels
from bundle.datalist.seen import TRAINING_SLICES, Seen
from bundle.errors import InputError
from tests.datalist.examples import row, save_noise

NONE = np.zeros((0, 256), dtype=np.int8)


@pytest.fixture
def folder(tmp_path):
    for index in range(20):
        save_noise(tmp_path / f"{index}.png", index)
    return tmp_path


@pytest.fixture
def rows():
    """Two slices each of ten patients."""
    return [row(f"{index}.png", patient=f"P{index // 2}") for index in range(20)]


def remember(monkeypatch, folder, images=(), names=()):
    """Let the included weights have been trained on these images, and on slices of these names."""
    thumbnails = read_pixels([row(image) for image in sorted(images)], folder).thumbnails
    monkeypatch.setattr(build, "read_seen", lambda: Seen(frozenset(names), thumbnails))


def place(content):
    """Return the section of each image, and the images that are marked."""
    sections = {each["image"]: section for section in SECTIONS for each in content[section]}
    return sections, {each["image"] for section in SECTIONS for each in content[section] if each.get("seen")}


def test_all_slices_of_a_seen_patient_are_for_training(folder, rows, monkeypatch):
    remember(monkeypatch, folder, images=["0.png"], names=["3"])
    for seed in range(10):
        collection = Collection("test", [dict(each) for each in rows])
        content = build_datalist(collection, folder, (0.4, 0.3, 0.3), seed)
        sections, marked = place(content)
        assert {sections[f"{index}.png"] for index in range(4)} == {"training"}
        assert marked == {"0.png", "3.png"}
        assert [len(content[section]) for section in SECTIONS] == [8, 6, 6]
    assert content["provenance"]["seen"] == {"slices": 2, "place": "training"}
    assert collection.notes == [
        "the included weights were trained on 2 of these 20 slices; their patients are in the training section "
        "(--seen training)"
    ]


def test_a_copy_is_recognised_through_noise_and_another_window(folder, rows):
    save_noise(folder / "0.png", 0, size=128, shift=20)
    seen = Seen(frozenset(), read_pixels([row("0.png")], folder).thumbnails)
    save_noise(folder / "0.png", 0)
    found = find_seen(rows, seen, read_pixels(sorted(rows, key=lambda each: each["image"]), folder).thumbnails)
    assert np.flatnonzero(found).tolist() == [0]


def test_where_most_is_seen_the_rest_judges(folder, rows, monkeypatch):
    remember(monkeypatch, folder, names=[str(index) for index in range(16)])
    content = build_datalist(Collection("test", rows), folder, (0.6, 0.2, 0.2))
    assert [len(content[section]) for section in SECTIONS] == [16, 2, 2]


def test_in_no_section_for_training_there_is_what_was_seen(folder, rows, monkeypatch):
    remember(monkeypatch, folder, names=["5"])
    content = build_datalist(Collection("test", rows), folder, (0, 0, 1))
    assert [len(content[section]) for section in SECTIONS] == [2, 0, 18]


def test_each_fold_trains_on_what_was_seen(folder, rows, monkeypatch):
    remember(monkeypatch, folder, names=["0", "2"])
    contents = build_datalists(Collection("test", rows), folder, (0.8, 0, 0.2), folds=3)
    for content in contents:
        sections, _ = place(content)
        assert {sections[f"{index}.png"] for index in range(4)} == {"training"}
        assert len(content["validation"]) >= 4
    held_out = [each["image"] for content in contents for each in (*content["validation"],)]
    assert len(held_out) == len(set(held_out)) and len(held_out) + len(contents[0]["test"]) == 16


def test_anywhere_leaves_the_split_as_it_is_and_marks_the_slices(folder, rows, monkeypatch):
    remember(monkeypatch, folder)
    without, _ = place(build_datalist(Collection("test", [dict(each) for each in rows]), folder))
    remember(monkeypatch, folder, images=["0.png", "7.png"])
    content = build_datalist(Collection("test", rows), folder, place_seen="anywhere")
    assert place(content) == (without, {"0.png", "7.png"})
    assert content["provenance"]["seen"] == {"slices": 2, "place": "anywhere"}


def test_a_set_that_was_seen_as_a_whole_is_refused(folder, rows, monkeypatch):
    remember(monkeypatch, folder, names=[str(index) for index in range(0, 20, 2)])
    with pytest.raises(InputError, match=r"beside those that the included weights were trained on.*--seen anywhere"):
        build_datalist(Collection("test", rows), folder)


def test_names_are_enough_where_pixels_are_not_read(folder, rows, monkeypatch):
    remember(monkeypatch, folder, images=["0.png"], names=["2"])
    _, marked = place(build_datalist(Collection("test", rows), folder, leakage="skip"))
    assert marked == {"2.png"}


@pytest.mark.parametrize("broken", ["damaged", "missing"])
def test_a_patient_stays_known_where_the_known_slice_cannot_be_read(folder, rows, monkeypatch, broken):
    remember(monkeypatch, folder, names=["0"])
    (folder / "0.png").unlink()
    if broken == "damaged":
        (folder / "0.png").write_bytes(b"no image")
    sections, marked = place(build_datalist(Collection("test", rows), folder, (0, 0, 1)))
    assert sections["1.png"] == "training" and set(sections.values()) == {"training", "test"} and not marked


def test_a_mark_of_an_earlier_datalist_stays():
    assert find_seen([row("a.png", seen=True), row("b.png")], Seen(frozenset(), NONE)).tolist() == [True, False]


def test_empty_images_were_never_seen():
    empty = np.zeros((1, 256), dtype=np.int8)
    assert not find_seen([row()], Seen(frozenset(), empty), empty).any()


def test_what_lies_beside_the_weights():
    seen = read_seen()
    assert len(seen.thumbnails) > 4000 and len(seen.names) > 3000
    name = min(seen.names)
    assert find_seen([row(f"stage_2_train/{name}.dcm"), row("ID_000000000.dcm")], seen).tolist() == [True, False]


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_a_missing_or_broken_file_is_named(tmp_path, content):
    path = tmp_path / TRAINING_SLICES.name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=rf"{path.name} does not say .*; restore it"):
        read_seen(path)
