import json

import pytest

from bundle.datalist import check_datalist, write_datalist
from bundle.errors import InputError
from tests.datalist.examples import BLEED, SUBDURAL, datalist, row, save_noise


@pytest.fixture
def folder(tmp_path):
    for name, seed, shift in (("a", 1, 0), ("b", 2, 0), ("same_a", 1, 0), ("bright_b", 2, 9), ("c", 3, 0)):
        save_noise(tmp_path / f"{name}.png", seed, shift=shift)
    return tmp_path


def problems_of(folder, *sections, **options):
    (folder / "d.json").write_text(json.dumps(datalist(*sections)))
    return check_datalist(folder / "d.json", folder, **options)


def test_a_good_datalist_has_no_problem(folder):
    assert problems_of(folder, [row("a.png"), row("same_a.png")], [row("b.png", patient="P2")]) == []


def test_a_patient_in_two_sections_is_named_with_the_rows(folder):
    rows = [row("c.png", patient="P2"), row("a.png")], [row("b.png")]
    assert problems_of(folder, *rows) == [
        "training row 2 (a.png): the patient P1 is also in validation row 1 (b.png); keep a patient's rows in one "
        "section"
    ]


def test_identical_and_nearly_identical_images_in_two_sections_are_named(folder):
    rows = [row("a.png"), row("b.png")], [], [row("same_a.png", patient="P2"), row("bright_b.png", patient="P3")]
    assert problems_of(folder, *rows) == [
        "training row 1 (a.png): has the pixels of test row 1 (same_a.png); keep them in one section",
        "training row 2 (b.png): shows the same (r = 1.0000) as test row 2 (bright_b.png); keep them in one section",
    ]
    assert problems_of(folder, *rows, pixels=False) == []


def test_identical_images_with_contradicting_labels_are_named(folder):
    rows = [row("a.png"), row("same_a.png", SUBDURAL), row("b.png", SUBDURAL), row("bright_b.png", BLEED)]
    assert problems_of(folder, rows) == [
        "training row 1 (a.png): has the pixels of same_a.png, and the labels of such images contradict",
        "training row 2 (same_a.png): has the pixels of a.png, and the labels of such images contradict",
    ]


def test_an_image_in_two_sections_is_named(folder):
    problems = problems_of(folder, [row("a.png")], [row("a.png", patient="P2")], pixels=False)
    assert problems == ["validation row 1 (a.png): it repeats training row 1; remove one of them"]


def test_absent_and_unreadable_images_are_named(folder):
    (folder / "a.png").unlink()
    (folder / "b.png").write_bytes(b"")
    absent, unreadable = problems_of(folder, [row("c.png"), row("a.png")], [row("b.png", patient="P2")])
    assert absent.startswith("training row 2 (a.png): there is no such file in")
    assert unreadable == "validation row 1 (b.png): is empty (0 bytes); copy or export it again"


def test_all_problems_are_named_at_once(folder):
    """Those of a row, those of other rows, and of the rows that break no rule by themselves the leaks."""
    training = [{}, {"image": 3, "label": [0], "age": "x"}, row("a.png"), row("b.png", study=5)]
    content = datalist(training, [row("same_a.png")]) | {"test": None}
    (folder / "d.json").write_text(json.dumps(content))
    assert check_datalist(folder / "d.json", folder) == [
        "training row 1: it lacks 'image'; add it",
        "training row 1: it lacks 'label'; add it",
        "training row 1: it lacks 'patient'; add it",
        "training row 2: it lacks 'patient'; add it",
        "training row 2: 'image' must be a text that is not empty, got 3",
        "training row 2: 'age' must be a finite number, got 'x'",
        "training row 2: a label has 6 values (epidural, intraparenchymal, intraventricular, subarachnoid, subdural, "
        "any), got 1: [0]",
        "training row 4 (b.png): 'study' must be a text, got 5",
        "it needs a list of rows under 'test', which may be empty",
        "training row 3 (a.png): the patient P1 is also in validation row 1 (same_a.png); keep a patient's rows in one "
        "section",
        "training row 3 (a.png): has the pixels of validation row 1 (same_a.png); keep them in one section",
    ]


def test_content_that_is_no_datalist_is_named(folder):
    (folder / "d.json").write_text("[]")
    (problem,) = check_datalist(folder / "d.json", folder)
    assert "not an object" in problem


def test_a_written_datalist_is_good(folder):
    write_datalist(folder / "d.json", datalist([row("a.png")], [row("b.png", patient="P2")]))
    assert check_datalist(folder / "d.json", folder) == []


def test_a_missing_folder_is_one_sentence(folder):
    write_datalist(folder / "d.json", datalist())
    with pytest.raises(InputError, match="is no folder"):
        check_datalist(folder / "d.json", folder / "none")
