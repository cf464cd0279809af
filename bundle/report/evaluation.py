"""What an evaluation folder holds, as the sections of the report are given it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bundle.metrics import THRESHOLD
from bundle.report.predictions import Predictions

SENSITIVITIES = (0.9, 0.95)
"""Wanted of an operating point, unless told otherwise."""

SPECIFICITIES = (0.9,)
"""The same."""


@dataclass(frozen=True)
class Evaluation:
    """An evaluation folder, read."""

    folder: Path
    predictions: Predictions
    """Of the evaluated split, mostly the test."""
    validation: Predictions | None = None
    """Of the slices on which whatever is chosen is chosen; None where the folder has no validation.csv."""
    threshold: float = THRESHOLD
    """P(any) from which on a slice is called a bleed."""
    sensitivities: Sequence[float] = SENSITIVITIES
    """For which thresholds are chosen on the validation."""
    specificities: Sequence[float] = SPECIFICITIES
    """The same."""
    missing: int = 0
    """Slices of the evaluated split that have no prediction."""
    history: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Of the training, see `bundle.report.read_history`; empty where none is known."""
