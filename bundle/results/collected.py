"""What is known of slices after they were scored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bundle.uncertainty import Uncertainty


@dataclass(frozen=True, eq=False)
class Collected:
    """What is known of N slices after inference, in the order of their rows."""

    probabilities: np.ndarray
    """[N, C], each slice alone, those of a failed slice without meaning."""
    reasons: Sequence[str]
    """Why each slice was not scored, "" for one that was."""
    distances: np.ndarray | None = None
    """[N] float64, how far the features lie from those of validation; None without `uncertainty`."""
    uncertainty: Uncertainty | None = None
    """Of the checkpoint."""
    no_uncertainty: str = ""
    """Why there is none."""
    kinds: Sequence[str] = ()
    """What each slice that was left out is, "" for all others; nothing where no slice was."""

    @property
    def scored(self) -> np.ndarray:
        """Which slices were scored, bool [N]."""
        return np.array([not reason for reason in self.reasons], dtype=bool)
