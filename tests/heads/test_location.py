import numpy as np
import pytest

from bundle.heads import mean_hu, side, suspicious_slices


def spot(column, shape=(20, 40)):
    heat = np.zeros(shape)
    heat[8:12, column - 1 : column + 2] = 1
    return heat


@pytest.mark.parametrize(
    ("columns", "expected"),
    [([5], "right"), ([34], "left"), ([5, 34], "both"), ([19, 20], "midline"), ([5, 6, 7, 8, 34], "right"), ([], "")],
)
def test_the_side_is_the_patients_own(columns, expected):
    heat = [spot(column) for column in columns] or [np.zeros((20, 40))]
    count = len(heat)
    assert side(heat, [0.9] * count, [19.5] * count, [20.0] * count) == expected


def test_the_side_is_that_of_the_middle_of_the_brain_and_not_of_the_picture():
    assert side([spot(19)], [1.0], [30.0], [8.0]) == "right"


@pytest.mark.parametrize("seed", range(20))
def test_a_mirrored_bleed_is_on_the_other_side(seed):
    rng = np.random.default_rng(seed)
    columns = rng.choice(101, 3)
    heat = np.zeros((1, 101))
    heat[0, columns] = rng.choice([0.6, 0.8, 1.0], 3)
    heat[0, 50] = rng.choice([0.0, 1.0])
    other = {"left": "right", "right": "left"}
    found = side([heat], [0.9], [50.0], [40.0])
    assert side([heat[:, ::-1]], [0.9], [50.0], [40.0]) == other.get(found, found)


def test_a_bleed_mostly_in_the_middle_column_is_on_no_side():
    heat = np.zeros((1, 101))
    heat[0, 50], heat[0, 60] = 1.0, 0.5
    assert side([heat, heat], [0.9, 0.9], [50.0] * 2, [40.0] * 2) == "midline"


def test_the_side_is_that_on_which_the_centre_lies():
    heat = np.zeros((4, 101))
    heat[0, 10], heat[:3, 51] = 1.0, 1.0
    assert side([heat], [0.9], [50.0], [40.0]) not in ("left", "right"), "most of it is left, and its centre right"


def test_a_likelier_slice_counts_more():
    assert side([spot(5), spot(34)], [0.9, 0.1], [19.5] * 2, [20.0] * 2) == "right"


@pytest.mark.parametrize(
    ("p_any", "expected"),
    [([0.9], (0, 0)), ([0.1, 0.8, 0.39, 0.4], (1, 3)), ([0.0, 0.0], (0, 1)), ([0.2, 0.1, 0.05], (0, 1))],
)
def test_the_extent_is_that_of_half_the_highest(p_any, expected):
    found = suspicious_slices(p_any, int(np.argmax(p_any)))
    assert (found[0], found[-1]) == expected


def test_bone_and_air_under_the_map_are_not_its_hu():
    pixels = np.array([[70.0, 60.0, 900.0, -1000.0, 30.0]])
    assert mean_hu(pixels, np.array([[1, 1, 1, 1, 0.2]])) == 65.0
    assert mean_hu(pixels, np.array([[0, 0, 1, 0, 0]])) is None
