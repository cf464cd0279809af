"""What an evaluation folder holds, as the sections of the report are given it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bundle.metrics import THRESHOLD
from bundle.report.predictions import Predictions


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
    history: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Of the training, see `bundle.report.read_history`; empty where none is known."""
