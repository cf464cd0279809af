from hypothesis import given
from hypothesis import strategies as st

from bundle.predictions import THIN
from bundle.preprocessing import find_slabs
from bundle.preprocessing.slabs import SLAB

steps = st.lists(st.floats(0.1, 8.0), max_size=40)


def series(name, positions):
    return [{"series": name, "position": position} for position in positions]


@given(steps, steps, st.randoms())
def test_every_slice_is_in_one_slab_of_its_series_that_is_no_thicker_than_a_slab(first, second, random):
    rows = [*series("first", summed(first)), *series("second", summed(second)), {"image": "picture.png"}]
    random.shuffle(rows)
    slabs = find_slabs(rows)
    assert sorted(index for slab in slabs for index in slab) == list(range(len(rows)))
    assert [slab[0] for slab in slabs] == sorted(slab[0] for slab in slabs)
    for slab in slabs:
        assert len({rows[index].get("series") for index in slab}) == 1
        positions = [rows[index]["position"] for index in slab] if len(slab) > 1 else [0.0]
        assert max(positions) - min(positions) <= SLAB * 1.002


@given(st.floats(THIN, 20), st.integers(1, 40))
def test_slices_that_are_not_thin_stay_alone(step, count):
    assert find_slabs(series("thick", (step * 1.001 * index for index in range(count)))) == [[i] for i in range(count)]


def test_the_slabs_of_a_descending_series_with_a_hole_and_a_slice_that_was_sent_twice():
    positions = [round(50 - 0.625 * index, 3) for index in range(40) if not 10 <= index < 20] + [50.0]
    slabs = find_slabs(series("thin", positions))
    assert sum(len(slab) for slab in slabs) == 31
    assert all(max(positions[i] for i in slab) - min(positions[i] for i in slab) <= SLAB for slab in slabs)
    assert len(slabs) == 5


def test_series_of_two_patients_with_one_name_are_not_mixed():
    rows = [{**row, "patient": patient} for patient in ("a", "b") for row in series("same", (0.0, 1.0, 2.0))]
    assert find_slabs(rows) == [[0, 1, 2], [3, 4, 5]]


def summed(steps):
    total, result = 0.0, []
    for step in steps:
        result.append(total)
        total += step
    return result
