"""What an evaluation folder holds, as the sections of the report are given it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bundle.calibration import SENSITIVITIES, SPECIFICITIES
from bundle.errors import InputError
from bundle.predictions import THRESHOLD, Predictions
from bundle.statistics import patient_folds


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
    seen: int | None = None
    """Slices of the evaluated split that the included weights were trained on; None where that is not known."""
    trained: int | None = None
    """Slices of the evaluated split of patients of the checkpoint's own training; None where that is not known."""
    elsewhere: int = 0
    """Lines of a slice of another section of the datalist."""
    unlisted: int = 0
    """Lines of a slice that is in no section of the datalist."""
    relabelled: int = 0
    """Lines with a label that contradicts the datalist's."""
    history: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Of the training, see `bundle.predictions.read_history`; empty where none is known."""

    def __post_init__(self) -> None:
        """Take the distances of the validation where it is itself evaluated: only they are to other patients."""
        if self.of_validation and self.validation is not None:
            object.__setattr__(self, "predictions", replace(self.predictions, distances=self.validation.distances))

    @property
    def of_validation(self) -> bool:
        """Whether the validation itself is evaluated: what is chosen on it must then be cross-fitted."""
        one, other, names = self.predictions, self.validation, ("image", "slice")
        if other is None or one.patients != other.patients or "image" not in one.details:
            return False
        return all(one.details.get(name) == other.details.get(name) for name in names)

    @property
    def cross_fitted(self) -> bool:
        """Whether it is, by `bundle.statistics.patient_folds`: the validation is evaluated, and has enough patients."""
        return self.of_validation and bool(patient_folds(self.predictions.clusters))


def check_shares(name: str, given: object) -> list[float]:
    """Return wanted sensitivities or specificities as a list, of one where a number was given.

    Args:
        name: of the setting, for the sentence.
        given: a number or a sequence of them, each above 0 and at most 1.

    Raises:
        InputError: when it is something else.
    """
    shares: list[Any] = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    for share in shares:
        if not isinstance(share, int | float) or not 0 < share <= 1:
            raise InputError(f"{name} must be shares above 0 and at most 1, as 0.9,0.95, got {share!r}")
    return shares
