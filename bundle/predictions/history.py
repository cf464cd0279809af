"""The course of a training, as its table tells it."""

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bundle.errors import InputError
from bundle.files import write_csv

TRAINING = "training.json"
"""Beside the table of a training: on what it was computed."""


def read_history(path: Path | str) -> dict[str, np.ndarray]:
    """Return the columns of a training's history, an entry an epoch.

    Args:
        path: a CSV file with a header, or a JSON file with a list of objects; ``epoch`` and whatever else is a number.

    Returns:
        Column name → float64 [epochs], NaN where a field is empty. Empty when there are no epochs.

    Raises:
        InputError: when the file is missing or cannot be read as such, or a field is not a number.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_history(f"{folder}/history.csv", {"epoch": np.array([1, 2]), "loss": np.array([0.7, math.nan])})
        ...     read_history(f"{folder}/history.csv")
        {'epoch': array([1., 2.]), 'loss': array([0.7, nan])}
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("does not exist", "name the history.csv of the training, or leave it out", path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = json.load(file) if path.suffix == ".json" else list(csv.DictReader(file))
        columns = list(dict.fromkeys(name for row in rows for name in row))
        history = {name: np.array([_number(row.get(name)) for row in rows]) for name in columns}
    except (UnicodeDecodeError, csv.Error, AttributeError, TypeError, ValueError) as error:
        raise InputError(f"is not the table of a training ({error})", "give one number a field", path) from error
    if history and "epoch" not in history:
        raise InputError(f"has no column epoch, only {', '.join(history)}", "add it", path)
    return history


def write_history(path: Path | str, history: Mapping[str, np.ndarray]) -> None:
    """Write a history (see `read_history`) as CSV, NaN as an empty field; a kill at any moment leaves a whole table."""
    rows = zip(*history.values(), strict=True)
    write_csv(path, history, (["" if math.isnan(value) else f"{value:.9g}" for value in values] for values in rows))


def _number(field: str | float | None) -> float:
    return math.nan if field in ("", None) else float(field)  # type: ignore[arg-type]
