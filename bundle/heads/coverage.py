"""How much of a head its slices show."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

LEAST_EXTENT = 90.0
"""mm from the first slice to the last, as the gate has it; an adult's brain is 120 to 150 mm high, a small one 95."""
LEAST_SLICES = 10
SPACING = 10.0
"""mm from slice to slice, by their median; heads are taken in steps of 10 mm at most."""
GAP = 15.0
"""mm between two neighbours, in which a bleed of ordinary size may lie unseen."""
LACKING = 7.5
"""mm between two neighbours from which on a slice may be missing, where the steps beside them are smaller."""
_WIDER = 1.5
"""How many times as wide as the steps beside it a step is where a slice is missing."""
_BESIDE = 3
"""Steps on each side that tell the usual one there."""


@dataclass(frozen=True)
class Coverage:
    """Number and extent of the slices of one series.

    Example:
        >>> half = Coverage.of([0, 5, 10, 40])
        >>> half.is_whole, list(half.doubts())
        (False, ['its slices cover only 40 mm', 'no slice for 30 mm between 10 and 40 mm'])
    """

    slices: int
    extent: float | None
    """mm from the first slice to the last; None where a position is unknown."""
    spacing: float = 0.0
    """Median distance of neighbours, mm."""
    gap: float = 0.0
    """Widest distance of neighbours between which a slice is missing, mm; 0 where none is."""
    gap_from: float = 0.0
    """Where it begins, mm."""

    @classmethod
    def of(cls, positions: ArrayLike) -> "Coverage":
        """Return the coverage of slices.

        Args:
            positions: [n] in mm along the normal, NaN where unknown, in any order; n is at least 1.
        """
        z = np.sort(np.asarray(positions, dtype=np.float64))
        if len(z) == 1 or not np.isfinite(z).all():
            return cls(len(z), None)
        places = np.unique(z.round(1))  # two slices at one place are no step
        steps = np.diff(places)
        if not len(steps):
            return cls(len(z), 0.0)
        gaps = np.where((steps > GAP) | (steps > LACKING) & (steps > _WIDER * _usual(steps)), steps, 0)
        widest = int(gaps.argmax())
        spacing = float(np.median(steps).round(1))
        return cls(len(z), float(z[-1] - z[0]), spacing, float(gaps[widest]), float(places[widest]))

    @property
    def is_placed(self) -> bool:
        """Whether the positions of several slices are known."""
        return self.extent is not None

    @property
    def is_whole(self) -> bool:
        """Whether it may be a whole head."""
        return next(self.doubts(), None) is None

    def doubts(self) -> Iterator[str]:
        """Yield in a clause each what may be missing of the head."""
        if self.slices == 1:
            yield "one slice is not a whole head"
        elif self.extent is None:
            if self.slices < LEAST_SLICES:
                yield f"{self.slices} slices without positions are not a whole head"
        else:
            if self.extent < LEAST_EXTENT:
                yield f"its slices cover only {self.extent:.0f} mm"
            elif self.slices < LEAST_SLICES:
                yield f"{self.slices} slices are not a whole head"
            if self.gap:
                end = self.gap_from + self.gap
                yield f"no slice for {self.gap:.0f} mm between {self.gap_from:.0f} and {end:.0f} mm"
            elif self.spacing > SPACING:
                yield f"its slices are {self.spacing:g} mm apart"


def _usual(steps: np.ndarray) -> np.ndarray:
    """Return the usual step beside each step, mm: the wider of those before and after it, by their medians.

    Many heads are taken in narrow steps at the base and in wide ones above, so that a step is compared with its
    neighbours, and with those of the side that it belongs to.
    """
    usual = np.zeros(len(steps))
    for at in range(len(steps)):
        before, after = steps[max(0, at - _BESIDE) : at], steps[at + 1 : at + 1 + _BESIDE]
        usual[at] = max((float(np.median(each)) for each in (before, after) if len(each)), default=np.inf)
    return usual
