from bundle.datalist.duplicates import find_repeats, with_labels_of_repeats
from tests.datalist.examples import BLEED, NORMAL, SUBDURAL, row


def repeats_of(labels, digests):
    return find_repeats([row(f"{index}.png", label) for index, label in enumerate(labels)], digests)


def test_of_identical_images_with_one_label_the_first_is_kept():
    repeats = repeats_of([NORMAL, SUBDURAL, NORMAL, NORMAL], ["x", "y", "x", "x"])
    assert repeats.keys() == {2, 3}
    assert all(repeat.other == 0 and not repeat.contradicts for repeat in repeats.values())
    assert repeats[2].reason == "has the pixels of 0.png, which is kept"


def test_the_label_that_knows_most_is_kept():
    assert repeats_of([BLEED, SUBDURAL, BLEED], "xxx").keys() == {0, 2}


def test_what_is_kept_knows_what_its_copies_know():
    rows = [row("a.png", [1, None, None, None, None, 1]), row("b.png", [None] * 4 + [1, 1])]
    kept, _ = with_labels_of_repeats(rows, find_repeats(rows, "xx"))
    assert kept == {**rows[0], "label": [1, None, None, None, 1, 1]}


def test_of_identical_images_with_contradicting_labels_none_is_kept():
    repeats = repeats_of([SUBDURAL, SUBDURAL, NORMAL, SUBDURAL, BLEED], "xyxxy")
    assert {index for index, repeat in repeats.items() if repeat.contradicts} == {0, 2, 3}
    assert repeats[0].reason == "has the pixels of 2.png, and the labels of such images contradict"
    assert repeats.keys() == {0, 2, 3, 4}


def test_labels_that_contradict_together_are_contradicting():
    repeats = repeats_of([[0, 0, 0, 0, None, 1], [None, None, None, None, 0, 1]], "xx")
    assert all(repeat.contradicts for repeat in repeats.values()) and len(repeats) == 2


def test_what_could_not_be_read_repeats_nothing():
    assert repeats_of([NORMAL, SUBDURAL], ["", ""]) == {}
