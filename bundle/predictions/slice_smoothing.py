"""Smoothing of probabilities over neighbouring slices of a series."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bundle.errors import InputError
from bundle.predictions.studies import group_members

_REACH = 3.0
"""Standard deviations beyond which a slice has no weight."""
_NAMES = ("series", "part", "study", "patient", "site")


class SliceSmoothing:
    """Average the probabilities of each slice with those of its neighbours, weighted by a Gaussian of their distance.

    A hemorrhage is rarely visible in one slice only, and false positives rarely occur in neighbouring slices, too.
    Slices without a position or a series, such as PNG and JPEG images, are not changed.

    Args:
        rows: of N slices, each with "position" in mm along the normal (None or NaN where unknown), and "series", with
            "part", "study", "patient" and "site" where known.
        sigma: standard deviation of the Gaussian in mm; with 4 mm, a slice at a distance of 5 mm has 0.46 of the weight
            of the slice itself. With 0, nothing is changed.

    Raises:
        InputError: when sigma is below 0.

    Example:
        >>> rows = [{"series": "s1", "position": 0.0}, {"series": "s1", "position": 5.0}]
        >>> SliceSmoothing(rows, sigma=4.0)([[0.2], [0.8]]).round(2)
        array([[0.39],
               [0.61]])
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], sigma: float) -> None:
        if not sigma >= 0:
            raise InputError(f"slice_smoothing must be 0 or a number of mm above it, got {sigma}")
        self.sigma = sigma
        self.size = len(rows)
        self.positions = positions_of(rows)
        self.groups = placed_series(rows) if sigma > 0 else []

    def __call__(self, probabilities: ArrayLike, known: ArrayLike = True) -> np.ndarray:
        """Return the smoothed probabilities, float64 of the shape of `probabilities`, [N, C] in the order of the rows.

        Args:
            probabilities: [N, C].
            known: [N] bool, which slices have probabilities; the others have no weight, and are not changed.

        Raises:
            ValueError: when there are not as many as rows.
        """
        result = np.array(probabilities, dtype=np.float64)
        if len(result) != self.size:
            raise ValueError(f"there must be as many probabilities as rows, got {len(result)} and {self.size}")
        known = np.broadcast_to(np.asarray(known, dtype=bool), self.size)
        for members in (group[known[group]] for group in self.groups):
            result[members] = gaussian_mean(result[members], self.positions[members], self.sigma)
        return result


def positions_of(rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return the positions of slices, [N] in mm, NaN where a row has none.

    Example:
        >>> positions_of([{"position": 5}, {"position": None}, {}]).tolist()
        [5.0, nan, nan]
    """
    return np.array([np.nan if row.get("position") is None else row["position"] for row in rows], float)


def placed_series(rows: Sequence[Mapping[str, Any]]) -> list[np.ndarray]:
    """Return the indices of the slices of each series, in the order of the rows; slices without position are left out.

    Example:
        >>> rows = [{"series": name, "position": at} for name, at in (("a", 0.0), ("b", 1.0), ("a", 5.0), ("a", None))]
        >>> [each.tolist() for each in placed_series(rows)]
        [[0, 2], [1]]
    """
    placed = np.array([bool(row.get("series")) for row in rows], bool) & np.isfinite(positions_of(rows))
    indices = np.flatnonzero(placed)
    names = [tuple(str(rows[index].get(key) or "") for key in _NAMES) for index in indices.tolist()]
    return [indices[members] for members in group_members(names)]


def gaussian_mean(values: np.ndarray, positions: np.ndarray, sigma: float) -> np.ndarray:
    """Return for each of n slices the mean of the values around it, weighted by a Gaussian of the distance, [n, K].

    Args:
        values: [n, K].
        positions: [n] in mm.
        sigma: standard deviation of the Gaussian in mm, above 0.

    Example:
        >>> gaussian_mean(np.array([[0.0], [1.0], [0.0]]), np.array([0.0, 4.0, 100.0]), 4.0).round(2).tolist()
        [[0.38], [0.62], [0.0]]
    """
    distances = np.subtract.outer(positions, positions) / sigma
    weights = np.exp(-(distances**2) / 2) * (abs(distances) <= _REACH)
    return weights @ values / weights.sum(axis=1, keepdims=True)
