import pytest

from bundle.predictions import is_thin


@pytest.mark.parametrize("spacing", [0.5, 1.25, 2.4, 2.5, 5.0])
@pytest.mark.parametrize("apart", [0.0, 1e-6, 0.04])
def test_slices_that_lie_twice_at_one_place_are_as_thin_as_once(spacing, apart):
    once = [spacing * index - 13.25 for index in range(20)]
    assert is_thin([*once, *(z + apart for z in once)]) == is_thin(once) == (spacing < 2.5)
