import json

import pytest

from bundle.datalist import check_datalist, find_leakage, write_datalist
from bundle.errors import InputError
from tests.datalist.examples import datalist, row, save_noise


def test_a_patient_and_an_image_in_two_sections_leak():
    content = datalist([row("a.png"), row("b.png", patient="P2")], [row("c.png")], [row("b.png", patient="P3")])
    assert find_leakage(content) == [
        "the patient P1 is in training and validation",
        "the image b.png is in training and test",
    ]


def test_identical_pixels_leak_only_between_sections():
    content = datalist([row("a.png"), row("b.png")], [row("c.png", patient="P2")])
    assert find_leakage(content, {"a.png": "x", "b.png": "x", "c.png": "y"}) == []
    assert find_leakage(content, {"a.png": "x", "b.png": "y", "c.png": "y"}) == [
        "the pixels of b.png in training and c.png in validation are identical"
    ]


@pytest.fixture
def dataset(tmp_path):
    for name, seed in (("a", 1), ("b", 2), ("c", 1)):
        save_noise(tmp_path / f"{name}.png", seed)
    rows = [row(f"{name}.png", patient=name) for name in "abc"]
    write_datalist(tmp_path / "d.json", datalist(rows[:2], rows[2:]))
    return tmp_path


def test_a_good_datalist_has_no_problem_by_name(dataset):
    assert check_datalist(dataset / "d.json", dataset) == []


def test_identical_pixels_are_found_when_images_are_read(dataset):
    (problem,) = check_datalist(dataset / "d.json", dataset, pixels=True)
    assert problem == "the pixels of a.png in training and c.png in validation are identical"


def test_absent_and_unreadable_images_are_named(dataset):
    (dataset / "a.png").unlink()
    (dataset / "b.png").write_bytes(b"")
    absent, unreadable = check_datalist(dataset / "d.json", dataset, pixels=True)
    assert absent.startswith("the image a.png is not in")
    assert "b.png is empty" in unreadable


def test_all_wrong_rows_are_named_at_once(dataset):
    (dataset / "d.json").write_text(json.dumps(datalist([{}, row(), row("b.png", [0])])))
    assert [problem.split(":")[0] for problem in check_datalist(dataset / "d.json", dataset)] == [
        "training row 1",
        "training row 3 (b.png)",
    ]


def test_a_missing_folder_is_one_sentence(dataset):
    with pytest.raises(InputError, match="is no folder"):
        check_datalist(dataset / "d.json", dataset / "none")
