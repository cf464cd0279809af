import pytest

from bundle.readers.geometry import screen_sides, slice_affine


@pytest.mark.parametrize(
    ("orientation", "sides"),
    [
        ((1, 0, 0, 0, 1, 0), ("R", "L")),
        ((-1, 0, 0, 0, -1, 0), ("L", "R")),
        ((0.9, 0.3, 0.1, -0.3, 0.9, 0.1), ("R", "L")),
        ((0, 1, 0, 0, 0, -1), ("A", "P")),
        ((0, 0, -1, 0, 1, 0), ("H", "F")),
    ],
)
def test_sides_of_the_screen_are_those_of_the_patient(orientation, sides):
    assert screen_sides(slice_affine(orientation)) == sides
