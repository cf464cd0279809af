from types import SimpleNamespace

import numpy as np
import pytest

from bundle.intensity import Intensity
from bundle.predictions import Predictions
from bundle.results.locations import MAPS, locate


class Map:
    """A heat map of a slice whose HU tell which one it is."""

    def __init__(self, index):
        self.index = index
        self.row = {"position": None}
        self.box = ((0, 0), (4, 8))
        self.heat = np.eye(4, 8)

    def read(self):
        return SimpleNamespace(affine=np.eye(4), intensity=Intensity.HU, pixels=np.full((4, 8), float(self.index)))

    def restored(self, heat, shape):
        return heat


@pytest.mark.parametrize("most", [0, 1, 20, 38, 39])
@pytest.mark.parametrize("count", [1, 5, 12, 13, 40])
def test_the_hu_are_those_of_the_most_suspicious_of_many_slices(count, most):
    most = min(most, count - 1)
    p = np.where(np.arange(count) == most, 0.95, 0.6)
    head = Predictions("binary", np.column_stack([1 - p, p]), np.full((count, 6), -1.0))
    rows = [{"position": 5.0 * index} for index in range(count)]
    explainer = SimpleNamespace(rows=rows, explain=lambda indices, classes: map(Map, indices))
    location, maps = locate(explainer, range(count), head, most)
    assert location.hu == most
    assert len(maps) == min(count, MAPS) and list(maps) == sorted(set(maps))
    assert all(place == each.index for place, each in maps.items())


def test_a_slice_that_stands_alone_is_not_what_the_location_is_about():
    p = np.full(60, 0.02)
    p[8], p[30:41] = 0.9, 0.44
    head = Predictions("binary", np.column_stack([1 - p, p]), np.full((60, 6), -1.0))
    explainer = SimpleNamespace(
        rows=[{"position": 2.5 * index} for index in range(60)], explain=lambda indices, classes: map(Map, indices)
    )
    location, maps = locate(explainer, range(60), head, 35)
    assert location.hu == 35 and 35 in maps
    assert (location.from_slice, location.to_slice) == (9, 41)
