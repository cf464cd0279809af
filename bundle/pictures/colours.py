"""The colours of a heat map: Matplotlib's *inferno*, whose lightness rises evenly.

``inferno.csv`` holds its 256 colours (CC0, by Nathaniel J. Smith and Stéfan van der Walt,
https://bids.github.io/colormap), for Matplotlib itself takes longer to import than a head takes to score.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike


def heat_colours(heat: ArrayLike) -> np.ndarray:
    """Return the colour of each value, [..., 3] float64 in [0, 1].

    Args:
        heat: of any shape, in [0, 1].

    Example:
        >>> heat_colours([0.0, 1.0]).round(2).tolist()
        [[0.0, 0.0, 0.01], [0.99, 1.0, 0.64]]
    """
    table = _table()
    index = (np.asarray(heat) * len(table)).astype(np.intp)
    return table[np.minimum(index, len(table) - 1)]


@cache
def _table() -> np.ndarray:
    return np.loadtxt(Path(__file__).with_name("inferno.csv"), delimiter=",")
