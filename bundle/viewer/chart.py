"""The score along the head's axis, as numbers of a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 360, 96
"""Of the drawing; the axes leave the margins free."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 26, 8, 8, 18
_GAP = 1.8
"""Distance of two slices, in medians of all, from which on no line joins them."""


@dataclass(frozen=True)
class Chart:
    """Where the slices lie in the drawing, the first on the left."""

    x: Sequence[float]
    """Of each slice."""
    y: Sequence[float]
    lines: Sequence[str]
    """Points of lines that join neighbours, as SVG writes them."""
    threshold: float
    """y of the threshold."""
    first: str
    """What is written at the first slice."""
    last: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def draw_chart(
    scores: Sequence[float], positions: Sequence[float | None], threshold: float, numbers: Sequence[int]
) -> Chart:
    """Return the drawing of the slices' scores.

    Args:
        scores: P(any) of each of at least one slice, in order.
        positions: of each, mm; where one is unknown, all slices are drawn at equal distances.
        threshold: of P(any), to be drawn.
        numbers: of the slices in their head.
    """
    known = [position for position in positions if position is not None]
    in_mm = len(known) == len(scores) and known == sorted(known) and known[0] < known[-1]
    at = np.array(known if in_mm else range(len(scores)), dtype=np.float64)
    span = at[-1] - at[0]
    share = (at - at[0]) / span if span else np.full(len(at), 0.5)
    x = (_LEFT + share * (WIDTH - _RIGHT - _LEFT)).round(1)
    y = [_height(score) for score in scores]
    steps = np.diff(at)
    forward = steps[steps > 0]  # slices may lie at one place
    breaks = np.flatnonzero(steps > _GAP * np.median(forward)) + 1 if len(forward) else np.array([], dtype=int)
    lines = [" ".join(f"{x[index]:g},{y[index]:g}" for index in part) for part in np.split(np.arange(len(at)), breaks)]
    ends = (f"slice {numbers[0]}", f"slice {numbers[-1]}")
    if in_mm:
        ends = (f"{at[0]:.0f} mm, inferior", f"superior, {at[-1]:.0f} mm")
    return Chart(x.tolist(), y, lines, _height(threshold), *ends)


def _height(score: float) -> float:
    return round(_TOP + (1 - score) * (HEIGHT - _BOTTOM - _TOP), 1)
