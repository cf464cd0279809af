import pytest

from bundle.viewer.chart import draw_chart


def test_slices_lie_at_their_millimetres_and_a_gap_is_not_bridged():
    chart = draw_chart([0, 1, 0.5, 0.25], [0.0, 5.0, 20.0, 25.0], 0.5, [1, 2, 5, 6])
    assert chart.x == [
        chart.left,
        *(chart.left + share * (chart.right - chart.left) for share in (0.2, 0.8)),
        chart.right,
    ]
    assert chart.y[:2] == [chart.bottom, chart.top] and chart.y[2] == chart.threshold
    assert [len(line.split()) for line in chart.lines] == [2, 2]
    assert (chart.first, chart.last) == ("0 mm, inferior", "superior, 25 mm")


def test_slices_that_lie_twice_at_one_place_are_joined_with_their_neighbours():
    chart = draw_chart([0.1] * 8, [0, 0, 5, 5, 10, 10, 25, 25], 0.3, range(1, 9))
    assert [len(line.split()) for line in chart.lines] == [6, 2]


@pytest.mark.parametrize("positions", [[0.0, None, 9.0], [None] * 3, [0.0, 9.0, 3.0], [4.0] * 3])
def test_slices_without_a_place_each_are_at_equal_distances(positions):
    chart = draw_chart([0.1, 0.2, 0.3], positions, 0.5, [3, 4, 6])
    assert chart.x[1] - chart.x[0] == chart.x[2] - chart.x[1] > 0
    assert len(chart.lines) == 1
    assert (chart.first, chart.last) == ("slice 3", "slice 6"), "which end is inferior is not known"


@pytest.mark.parametrize("position", [3.0, None])
def test_a_single_slice_is_in_the_middle(position):
    chart = draw_chart([0.7], [position], 0.5, [1])
    assert chart.left < chart.x[0] < chart.right
    assert (chart.first, chart.last) == ("slice 1", "slice 1")
