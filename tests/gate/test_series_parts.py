from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.gate import HeaderFacts, Kind, split_series

AXIAL, TILTED = (0.0, 0.0, 1.0), (0.0, 0.3, 0.954)


def stack(count=6, start=0.0, step=5.0, **facts):
    return [HeaderFacts(normal=AXIAL, position=start + step * index, **facts) for index in range(count)]


def parts(facts, kinds=None):
    return [(part.name, part.members) for part in split_series(facts, kinds or [Kind.HEAD_CT] * len(facts))]


def test_one_scan_is_one_part():
    assert parts(stack()) == [("", [0, 1, 2, 3, 4, 5])]


def test_two_kernels_patients_planes_and_kinds_are_two_parts_each():
    assert parts(stack(2, kernel="H31s") + stack(2, kernel="H60s")) == [
        ("kernel H31s", [0, 1]),
        ("kernel H60s", [2, 3]),
    ]
    assert parts(stack(2, patient="Ann") + stack(1, patient="Bob")) == [("patient 1", [0, 1]), ("patient 2", [2])]
    tilted = [replace(each, normal=TILTED) for each in stack(2)]
    assert parts(stack(2) + tilted) == [("plane 1", [0, 1]), ("plane 2", [2, 3])]
    assert parts(stack(3), [Kind.SCOUT, Kind.HEAD_CT, Kind.HEAD_CT]) == [("scout", [0]), ("head CT", [1, 2])]


def test_time_points_are_two_parts_and_steps_of_the_table_are_not():
    twice = [each for time in "12" for each in stack(3, time_point=time)]
    assert parts(twice) == [("time point 1", [0, 1, 2]), ("time point 2", [3, 4, 5])]
    assert all(part.again for part in split_series(twice, [Kind.HEAD_CT] * 6))
    moved = stack(3, acquisition="1") + stack(3, start=0.4, acquisition="2")
    assert [label for label, _ in parts(moved)] == ["acquisition 1", "acquisition 2"]
    steps = [each for number in range(3) for each in stack(2, start=10.0 * number, acquisition=str(number))]
    assert [label for label, _ in parts(steps)] == [""]


def test_persons_and_rescales_are_two_parts_where_their_stacks_overlap():
    for name in ("person", "rescale"):
        found = split_series(stack(**{name: "a"}) + stack(start=0.5, **{name: "b"}), [Kind.HEAD_CT] * 12)
        assert [(part.name, len(part.members)) for part in found] == [(f"{name} 1", 6), (f"{name} 2", 6)]
        assert all(part.again for part in found), "none stands for the other"
        above = stack(**{name: "a"}) + stack(start=30.0, **{name: "b"})
        assert parts(above) == [("", list(range(12)))]


def test_a_change_of_thickness_from_base_to_vertex_is_one_scan_and_two_reconstructions_are_two():
    assert len(parts(stack(8, step=4, thickness=4.0) + stack(8, start=32, step=7, thickness=7.0))) == 1
    assert len(parts(stack(8, thickness=5.0) + stack(40, step=1, thickness=1.0))) == 2


def test_a_slice_that_is_there_twice_parts_nothing():
    steps = [each for number in range(6) for each in stack(2, start=10.0 * number, acquisition=str(number))]
    assert len(parts([*steps, replace(steps[-1], acquisition="6")])) == 1


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.lists(
        st.builds(
            HeaderFacts,
            normal=st.sampled_from([None, AXIAL, TILTED]),
            position=st.none() | st.floats(-200, 200),
            kernel=st.sampled_from(["", "H31s"]),
            patient=st.sampled_from(["", "P"]),
            time_point=st.sampled_from(["", "1", "2"]),
            thickness=st.sampled_from([None, 5.0]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_each_slice_is_in_one_part_whose_name_is_its_own(facts):
    found = parts(facts)
    assert sorted(index for _, members in found for index in members) == list(range(len(facts)))
    assert len({label for label, _ in found}) == len(found)
    for _, members in found:
        assert len({(facts[index].kernel, facts[index].patient) for index in members}) == 1
        normals = [facts[index].normal for index in members]
        assert all(normal is None for normal in normals) or np.ptp(np.array(normals, float), axis=0).max() < 0.1
