"""What the runs of a comparison left, read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bundle.compare.experiment import Run
from bundle.compare.folder import RunFolder
from bundle.compare.models import Model
from bundle.errors import InputError
from bundle.predictions import Predictions, read_history, read_predictions


@dataclass(frozen=True)
class Result:
    """A run's predictions of the test split, and its course."""

    run: Run
    predictions: Predictions
    history: Mapping[str, np.ndarray]
    device: str

    @property
    def images_per_second(self) -> float:
        """Speed of the training, the median over its epochs."""
        return float(np.median(self.history["images_per_second"]))

    @property
    def seconds(self) -> float:
        """How long the epochs of the training took."""
        return float(np.sum(self.history["seconds"]))


@dataclass(frozen=True)
class Candidate:
    """A model with or without the mask: what is compared. Its results differ by the seed alone."""

    model: Model
    mask: bool
    results: Sequence[Result]

    @property
    def name(self) -> str:
        """In tables and files."""
        return f"{self.model.name}_{'mask' if self.mask else 'no_mask'}"

    @property
    def title(self) -> str:
        """For people to read."""
        return f"{self.model.title}, {'mask' if self.mask else 'no mask'}"


def read_results(folders: Mapping[Run, RunFolder]) -> list[Candidate]:
    """Read what complete runs left.

    Args:
        folders: run → its folder, in the order of the comparison.

    Raises:
        InputError: when a file is missing or damaged, or the runs were not evaluated on the same slices.
    """
    grouped: dict[tuple[Model, bool], list[Result]] = {}
    first: Predictions | None = None
    for run, folder in folders.items():
        predictions = read_predictions(folder.evaluation / "predictions.csv")
        first = first or predictions
        if not first.same_slices(predictions):
            raise InputError(
                "is of other slices than those of the other runs, or has other labels",
                f"remove the folder {folder.path}, then the run is made again",
                folder.evaluation / "predictions.csv",
            )
        device = json.loads((folder.path / "training.json").read_text(encoding="utf-8"))["device"]
        result = Result(run, predictions, read_history(folder.history), device)
        grouped.setdefault((run.model, run.mask), []).append(result)
    return [Candidate(model, mask, results) for (model, mask), results in grouped.items()]
