"""How much of a head its slices show."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

LEAST_EXTENT = 80.0
"""mm from the first slice to the last; an adult's brain is 120 to 150 mm high."""
LEAST_SLICES = 10
"""Of a head whose slices have no positions."""
GAP = 15.0
"""mm between two neighbours, in which a bleed of ordinary size may lie unseen."""


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
    gap: float = 0.0
    """Widest distance of neighbours, mm."""
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
        steps = np.diff(z)
        widest = int(steps.argmax())
        return cls(len(z), float(z[-1] - z[0]), float(steps[widest]), float(z[widest]))

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
            if self.gap > GAP:
                end = self.gap_from + self.gap
                yield f"no slice for {self.gap:.0f} mm between {self.gap_from:.0f} and {end:.0f} mm"
