"""The reports of a cross-validation, each of all folds together."""

from collections.abc import Sequence
from pathlib import Path

from bundle.compare.results import Candidate
from bundle.files import writable_folder
from bundle.predictions import write_predictions
from bundle.report import write_report


def write_pooled(output: Path, candidates: Sequence[Candidate], dataset: str, folds: int) -> list[Path]:
    """Write the report of each model and seed on all slices, each scored by the network that was trained without it.

    What a report chooses, as thresholds, is cross-fitted over the patients, for there is no other validation.

    Args:
        output: folder of the comparison; the reports come into its ``pooled``.
        candidates: what was cross-validated.
        dataset: name of the data set.
        folds: their number.

    Returns:
        The paths of the pages.

    Raises:
        InputError: when a folder cannot be written.
    """
    pages = []
    for candidate in candidates:
        for result in candidate.results:
            folder = writable_folder(output / "pooled" / f"{candidate.name}_seed{result.seed}")
            for name in ("predictions.csv", "validation.csv"):
                write_predictions(folder / name, result.predictions)
            described = {"network": candidate.model.title, "brain mask": "yes" if candidate.mask else "no"}
            pages.append(
                write_report(
                    folder,
                    f"{dataset}, {folds} folds",
                    {**described, "seed": result.seed, "networks": f"{folds}, one a fold"},
                )
            )
    return pages
