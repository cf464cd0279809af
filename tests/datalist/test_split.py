from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.datalist import SECTIONS, count_rows, split_rows
from bundle.errors import InputError
from bundle.labels import LABELS
from tests.datalist.examples import NORMAL, SUBDURAL, row

sizes_and_labels = st.tuples(st.integers(1, 6), st.lists(st.integers(0, 1), min_size=5, max_size=5))


def make_rows(patients):
    """One row a slice; the first slice of a patient has its label, the others are normal."""
    rows = []
    for number, (size, subtypes) in enumerate(patients):
        for index in range(size):
            label = [*subtypes, max(subtypes)] if index == 0 else NORMAL
            rows.append(row(f"{number:04d}-{index}.png", label, f"P{number}"))
    return rows


@settings(max_examples=60, deadline=None)
@given(
    st.lists(sizes_and_labels, min_size=3, max_size=80),
    st.sampled_from([(0.8, 0.1, 0.1), (0.34, 0.33, 0.33), (0.5, 0.5, 0), (0, 0, 1)]),
    st.integers(0, 3),
)
def test_every_row_once_every_patient_on_one_side(patients, fractions, seed):
    rows = make_rows(patients)
    sections = split_rows(rows, fractions, seed)
    assert tuple(sections) == SECTIONS
    assert Counter(each["image"] for members in sections.values() for each in members) == Counter(
        each["image"] for each in rows
    )
    held = [{each["patient"] for each in members} for members in sections.values()]
    assert not held[0] & held[1] and not held[0] & held[2] and not held[1] & held[2]
    assert [bool(members) for members in held] == [fraction > 0 for fraction in fractions]
    assert sections == split_rows(rows[::-1], fractions, seed)


@settings(max_examples=30, deadline=None)
@given(st.integers(60, 150), st.integers(1, 40), st.sampled_from([0.01, 0.1, 0.5, 0.9]), st.integers(0, 1000))
def test_fractions_hold_to_within_a_few_patients(count, largest, prevalence, seed):
    rng = np.random.default_rng(seed)
    rows = make_rows(
        (int(rng.integers(1, largest + 1)), (rng.random(5) < prevalence).astype(int).tolist()) for _ in range(count)
    )
    sections = split_rows(rows, (0.8, 0.1, 0.1), seed)
    for section, fraction in zip(SECTIONS, (0.8, 0.1, 0.1), strict=True):
        assert abs(len(sections[section]) - fraction * len(rows)) <= 3 * largest


def test_rare_subtypes_are_in_every_section():
    rng = np.random.default_rng(0)
    sections = split_rows(
        make_rows(
            (int(rng.integers(1, 40)), [int(index < 12), *rng.integers(0, 2, 4).tolist()]) for index in range(400)
        )
    )
    counts = {section: count_rows(members) for section, members in sections.items()}
    total = {key: sum(each[key] for each in counts.values()) for key in counts["test"]}
    for label in LABELS:
        for section in ("validation", "test"):
            assert abs(counts[section][label] - 0.1 * total[label]) <= 1 + 0.02 * total[label]
    assert [counts[section]["epidural"] for section in SECTIONS] == [10, 1, 1]


@pytest.mark.parametrize("seed", range(8))
def test_a_few_patients_with_a_hemorrhage_are_in_every_section(seed):
    rows = make_rows((4, [int(number < 10)] * 5) for number in range(20))
    parts = split_rows(rows, (0.8, 0.1, 0.1), seed)
    assert all(count_rows(parts[section])["any"] for section in SECTIONS)


def test_seeds_differ():
    rows = make_rows([(1, [0] * 5)] * 50)
    assert split_rows(rows, seed=0) != split_rows(rows, seed=1)


def test_three_patients_give_one_to_each_section():
    sections = split_rows([row(f"{patient}.png", patient=patient) for patient in "abc"])
    assert [len(members) for members in sections.values()] == [1, 1, 1]


def test_a_label_of_a_single_patient_is_in_training():
    rows = [row(f"{number}.png", patient=str(number)) for number in range(30)] + [row("s.png", SUBDURAL, "S")]
    assert "s.png" in [each["image"] for each in split_rows(rows)["training"]]


@pytest.mark.parametrize("rows", [[], [row("a.png"), row("b.png")]])
def test_too_few_patients_is_one_sentence(rows):
    with pytest.raises(InputError, match=r"patients or groups .* cannot fill 3 sections"):
        split_rows(rows)


@pytest.mark.parametrize("fractions", [(0.8, 0.2), (0.8, 0.1, 0.2), (1.1, -0.1, 0), 0.8, "all", None, ("a", "b", "c")])
def test_wrong_fractions_are_one_sentence(fractions):
    with pytest.raises(InputError, match="add up to 1"):
        split_rows([row()], fractions)


@pytest.mark.parametrize("seed", [-1, "x", 0.5])
def test_a_wrong_seed_is_one_sentence(seed):
    with pytest.raises(InputError, match="seed"):
        split_rows([row()], (1, 0, 0), seed)


def test_rows_of_which_nothing_is_known_are_split_as_slices_and_leave_the_labels_shared_out():
    known = make_rows((4, [int(index % 10 == 0), 0, 0, 0, int(index % 3 == 0)]) for index in range(100))
    unknown = [row(f"u{number:03d}.png", [None] * 6, f"U{number // 4}") for number in range(200)]
    sections = split_rows(known + unknown)
    counts = {section: count_rows(members) for section, members in sections.items()}
    assert [counts[section]["slices"] for section in SECTIONS] == [480, 60, 60]
    assert [counts[section]["epidural"] for section in SECTIONS] == [8, 1, 1]
    assert all(abs(counts[section]["subdural"] - 3.4) < 1 for section in ("validation", "test"))
