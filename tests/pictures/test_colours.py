import matplotlib
import numpy as np

from bundle.pictures import heat_colours


def test_the_colours_are_matplotlibs():
    heat = np.append(np.random.default_rng(0).random(5000), [0, 1, np.nextafter(1, 0), 0.5])
    for kind in (np.float32, np.float64):
        values = heat.astype(kind).reshape(4, -1)
        np.testing.assert_array_equal(heat_colours(values), matplotlib.colormaps["inferno"](values)[..., :3])
