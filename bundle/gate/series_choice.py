"""Which series of a study is worth reading, and why the others are not."""

import math
from collections.abc import Sequence
from typing import NamedTuple

MIN_SLICES = 16
"""Fewer do not show a whole head, even at 8 mm."""
MIN_HEIGHT = 90.0
"""mm; less is no whole head, however many slices it has."""
_COVERED = 0.8
"""Share of a series that the chosen one must show to stand for it."""
_BEYOND = 5.0
"""mm by which it may reach further than the chosen one; the same head in other slices begins so much later at most."""


class Candidate(NamedTuple):
    """What the choice goes by."""

    name: str
    """By which the reasons call it."""
    slices: int
    thickness: float
    """mm; infinite when unknown."""
    caution: bool = False
    """Whether something speaks against it."""
    extent: tuple[float, float] | None = None
    """Position of the first and of the last slice, mm; None when unknown."""

    @property
    def whole(self) -> bool:
        """Whether it may show a whole head."""
        return self.slices >= MIN_SLICES and (self.extent is None or self.extent[1] - self.extent[0] >= MIN_HEIGHT)

    def __str__(self) -> str:
        of = f" of {self.thickness:g} mm" if math.isfinite(self.thickness) else ""
        return f"{self.name} ({self.slices} slices{of})"


def choose(candidates: Sequence[Candidate]) -> int:
    """Return the index of the series to read: with nothing against it, whole, thin, and of many slices.

    Example:
        >>> choose([Candidate("thick", 30, 5), Candidate("thin", 150, 1), Candidate("thin bone", 150, 1, caution=True)])
        1
    """
    return min(range(len(candidates)), key=lambda index: _rank(candidates[index]))


def choose_series(candidates: Sequence[Candidate]) -> dict[int, str]:
    """Return why each series that need not be read is not: the chosen one shows what it shows.

    A series that lies elsewhere, such as the second half of a head, is read as well, and a plain one that reaches
    further than the chosen one.

    Example:
        >>> choose_series([Candidate("base", 20, 3, extent=(0, 60)), Candidate("vertex", 20, 3, extent=(63, 120))])
        {}
    """
    left = list(range(len(candidates)))
    reasons: dict[int, str] = {}
    while left:
        chosen = left.pop(choose([candidates[index] for index in left]))
        covered = [index for index in left if _covers(candidates[chosen], candidates[index])]
        reasons |= {index: why_not(candidates[index], candidates[chosen]) for index in covered}
        left = [index for index in left if index not in covered]
    return reasons


def why_not(other: Candidate, chosen: Candidate) -> str:
    """Return the clause that says why another series was chosen."""
    if other.caution and not chosen.caution:
        what = "less plain than"
    elif chosen.whole and not other.whole:
        what = "not whole, unlike"
    elif other.thickness > chosen.thickness:
        what = "thicker than"
    else:
        what = "as thin, but no larger than"
    return f"it is {what} {chosen}, which was chosen"


def _rank(each: Candidate) -> tuple[bool, bool, float, int, str]:
    return each.caution, not each.whole, each.thickness, -each.slices, each.name


def _covers(chosen: Candidate, other: Candidate) -> bool:
    if chosen.extent is None or other.extent is None:
        return False
    length = other.extent[1] - other.extent[0]
    shared = min(chosen.extent[1], other.extent[1]) - max(chosen.extent[0], other.extent[0])
    # A bone or contrast series is referred whatever it shows, so that one which reaches to the jaw, as they often do,
    # would put each ordinary study on the worklist.
    beyond = max(chosen.extent[0] - other.extent[0], other.extent[1] - chosen.extent[1])
    return shared >= _COVERED * length and (beyond <= _BEYOND or (other.caution and not chosen.caution))
