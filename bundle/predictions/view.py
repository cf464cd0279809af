"""How a network is shown slices: what was fitted on its probabilities holds for no other."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class View:
    """What is done with a slice before the network and with its probabilities after it.

    Example:
        >>> shown = View(160, [[40, 80]], mask=True, mirrored=True, standardise=True, slice_smoothing=4)
        >>> View.parsed(shown.text) == shown
        True
        >>> shown.difference(View(128, [[40, 80]], False, True, True, 4))
        'image_size 160, not 128; mask True, not False'
    """

    image_size: int
    """Side of the network's input."""
    windows: Sequence[Sequence[float]]
    """(level, width) in HU of each channel."""
    mask: bool
    """Whether only the brain is seen."""
    mirrored: bool
    """Whether the mirror image is seen, too."""
    standardise: bool
    """See `bundle.networks.HemorrhageClassifier`."""
    slice_smoothing: float
    """Standard deviation in mm, see `bundle.predictions.SliceSmoothing`."""

    def __post_init__(self) -> None:
        """Make numbers of one kind of what a config writes as another."""
        windows = tuple(tuple(float(value) for value in window) for window in self.windows)
        object.__setattr__(self, "windows", windows)
        object.__setattr__(self, "slice_smoothing", float(self.slice_smoothing))

    @property
    def text(self) -> str:
        """JSON of it."""
        return json.dumps(asdict(self))

    @classmethod
    def parsed(cls, text: str) -> "View":
        """Return what `text` says.

        Raises:
            ValueError, TypeError: when it says something else.
        """
        return cls(**json.loads(text))

    def difference(self, other: "View") -> str:
        """Return what is otherwise in another view, as clauses; "" where they are equal."""
        mine, theirs = (asdict(each) for each in (self, other))
        return "; ".join(
            f"{name} {_short(mine[name])}, not {_short(theirs[name])}" for name in mine if mine[name] != theirs[name]
        )


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
