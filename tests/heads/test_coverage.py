import numpy as np
import pytest

from bundle.heads import Coverage
from bundle.sources.unlabelled import find_images


@pytest.mark.parametrize(
    ("positions", "doubts"),
    [
        (np.arange(30) * 5.0, []),
        (np.arange(800) * 0.2, []),
        (np.arange(30)[::-1] * -5.0, []),
        ([np.nan] * 10, []),
        ([3.0], ["one slice is not a whole head"]),
        ([np.nan], ["one slice is not a whole head"]),
        ([0.0, 5.0], ["its slices cover only 5 mm"]),
        ([np.nan] * 9, ["9 slices without positions are not a whole head"]),
        ([*np.arange(20) * 5.0, np.nan], []),
        ([*np.arange(10) * 5.0, *np.arange(13, 30) * 5.0], ["no slice for 20 mm between 45 and 65 mm"]),
        ([*np.arange(20) * 5.0, *np.arange(21, 30) * 5.0], ["no slice for 10 mm between 95 and 105 mm"]),
        (np.delete(np.arange(30) * 5.0, [14, 16]), ["no slice for 10 mm between 65 and 75 mm"]),
        (np.delete(np.arange(30) * 5.0, [28]), ["no slice for 10 mm between 135 and 145 mm"]),
        (np.delete(np.arange(75) * 2.0, [30, 31, 32]), ["no slice for 8 mm between 58 and 66 mm"]),
        (np.delete(np.arange(75) * 2.0, [30, 31]), []),
        (np.arange(11) * 13.0, ["its slices are 13 mm apart"]),
        (np.arange(8) * 15.0, ["8 slices are not a whole head", "its slices are 15 mm apart"]),
        (np.arange(18) * 5.0, ["its slices cover only 85 mm"]),
        (np.arange(19) * 5.0, []),
        ([5.0] * 3, ["its slices cover only 0 mm"]),
        ([0.0, 40.0], ["its slices cover only 40 mm", "no slice for 40 mm between 0 and 40 mm"]),
    ],
)
def test_what_may_be_missing_of_a_head(positions, doubts):
    found = Coverage.of(positions)
    assert list(found.doubts()) == doubts
    assert found.is_whole is (not doubts)


@pytest.mark.parametrize(
    "steps",
    [
        [10.0] * 13,
        [8.0] * 16,
        [2.5] * 20 + [5.0] * 18,
        [2.5] * 20 + [7.5] * 12,
        [2.5] * 20 + [10.0] * 9,
        [3.0] * 14 + [8.0] * 11,
        [5.0] * 9 + [10.0] * 9,
        [10.0] * 9 + [2.5] * 20,
        [2.5] * 16 + [6.2] + [10.0] * 9,
        [4.0] * 20 + [7.0] + [1.1] + [7.0] * 8,
        [8.0, 0.0] * 16,
    ],
)
def test_ordinary_heads_are_whole_also_where_their_steps_change_from_base_to_vertex(steps):
    tilted = np.cumsum([0.0, *steps]) + 0.01 * (np.arange(len(steps) + 1) % 3)
    assert list(Coverage.of(tilted).doubts()) == []


def test_a_real_head_is_whole(head_ct_data):
    for name in ("ge_head_ct", "ct_template/scct.nii"):
        rows, _ = find_images(head_ct_data / name)
        assert Coverage.of([row["position"] for row in rows]).is_whole


def test_without_a_position_there_is_no_extent():
    assert Coverage.of([0.0, np.nan, 10.0]).extent is None
    assert Coverage.of([10.0, 0.0]).extent == 10.0
