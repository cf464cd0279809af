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
    """The predictions of the test split by a model with one seed, and its course; or those of all folds together."""

    seed: int
    predictions: Predictions
    histories: Sequence[Mapping[str, np.ndarray]]
    """Of each fold, or of the one training."""
    device: str

    @property
    def images_per_second(self) -> float:
        """Speed of the training, the median over its epochs."""
        return float(np.median(np.concatenate([history["images_per_second"] for history in self.histories])))

    @property
    def seconds(self) -> float:
        """How long the epochs of the training took, of all folds together."""
        return float(sum(np.sum(history["seconds"]) for history in self.histories))


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


def read_results(folders: Mapping[Run, RunFolder], folds: int = 0) -> list[Candidate]:
    """Read what complete runs left.

    Args:
        folders: run → its folder, in the order of the comparison.
        folds: of a cross-validation; a seed of which a fold is missing is left out.

    Raises:
        InputError: when a file is missing or damaged, or the runs were not evaluated on the same slices.
    """
    of_seed: dict[tuple[Model, bool, int], list[Run]] = {}
    for run in folders:
        of_seed.setdefault((run.model, run.mask, run.seed), []).append(run)
    grouped: dict[tuple[Model, bool], list[Result]] = {}
    first: Predictions | None = None
    for (model, mask, seed), runs in of_seed.items():
        if len(runs) < folds:
            continue
        own = [folders[run] for run in runs]
        predictions = Predictions.pooled([read_predictions(each.evaluation / "predictions.csv") for each in own])
        first = first or predictions
        if not first.same_slices(predictions):
            raise InputError(
                "is of other slices than those of the other runs, or has other labels",
                f"remove the folder {own[0].path}, then the run is made again",
                own[0].evaluation / "predictions.csv",
            )
        device = json.loads((own[0].path / "training.json").read_text(encoding="utf-8"))["device"]
        result = Result(seed, predictions, [read_history(each.history) for each in own], device)
        grouped.setdefault((model, mask), []).append(result)
    return [Candidate(model, mask, results) for (model, mask), results in grouped.items()]
