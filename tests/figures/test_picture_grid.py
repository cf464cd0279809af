import numpy as np

from bundle.figures import picture_grid


def plain(height, width, value):
    return np.full((height, width, 3), value, np.uint8)


def test_pictures_stand_in_rows_over_their_captions():
    grid = picture_grid([plain(10, 20, 50), plain(10, 20, 100), plain(10, 20, 150)], ["a", "b", "c"], 2, 40)
    places = {value: np.argwhere((grid == value).all(-1)) for value in (50, 100, 150)}
    first, second, third = (places[value].min(0) for value in (50, 100, 150))
    assert all(len(places[value]) >= 40 * 80 for value in (50, 100, 150))
    assert first[0] == second[0] < third[0]
    assert first[1] == third[1] < second[1]
    below = grid[first[0] + 40 : third[0]]
    assert (below == 255).any(), "the captions are white"
    assert (grid[: first[0]] == 0).all()


def test_another_shape_is_fitted_in_proportion():
    grid = picture_grid([plain(10, 10, 50), plain(40, 10, 100)], ["", ""], 2, 80)
    rows, columns = np.argwhere((grid == 100).all(-1)).T
    assert np.ptp(rows) + 1 == 80
    assert np.ptp(columns) + 1 == 20


def test_a_long_line_is_made_smaller_and_stays_in_its_column():
    grids = [picture_grid([plain(1, 1, 0)] * 2, [caption, ""], 2, 100) for caption in ("x" * 5, "x" * 60)]
    assert grids[0].shape == grids[1].shape
    for grid in grids:
        assert grid.any()
        assert not grid[:, grid.shape[1] // 2 + 3 :].any(), "the second column has no caption"


def test_fewer_pictures_than_columns_make_no_empty_columns():
    one, row = (picture_grid([plain(8, 8, 9)], ["a\nb"], columns, 64) for columns in (1, 4))
    np.testing.assert_array_equal(one, row)
