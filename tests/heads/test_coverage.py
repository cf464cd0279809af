import numpy as np
import pytest

from bundle.heads import Coverage


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
        ([0.0, 40.0], ["its slices cover only 40 mm", "no slice for 40 mm between 0 and 40 mm"]),
    ],
)
def test_what_may_be_missing_of_a_head(positions, doubts):
    found = Coverage.of(positions)
    assert list(found.doubts()) == doubts
    assert found.is_whole is (not doubts)


def test_without_a_position_there_is_no_extent():
    assert Coverage.of([0.0, np.nan, 10.0]).extent is None
    assert Coverage.of([10.0, 0.0]).extent == 10.0
