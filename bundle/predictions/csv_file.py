"""predictions.csv and validation.csv: one line for each slice, with its probabilities and labels."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from bundle.errors import InputError
from bundle.files import unguarded, write_csv
from bundle.labels import CLASSES, LABELS, UNKNOWN, check_label
from bundle.predictions.predictions import ROW_COLUMNS, Predictions
from bundle.predictions.probabilities import SUM_TOLERANCE

_LABELS = tuple(f"label_{name}" for name in LABELS)
_STUDY_LABELS = tuple(f"study_{name}" for name in _LABELS)
_DISTANCE = "feature_distance"
_POSITION = "position"


def write_predictions(path: Path | str, predictions: Predictions) -> None:
    """Write predictions.csv.

    Its columns are ``image, slice, patient, study, series, position, age, sex, site, manufacturer``, then ``p_<class>``
    for each class of the task, then ``label_<name>`` for the six labels: 1, 0, or empty for unknown; where studies
    were read as a whole, ``study_label_<name>`` as well, and ``feature_distance`` where distances were measured.

    Args:
        path: the file to write.
        predictions: of N slices; slice i stands on line i + 2.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_predictions(f"{folder}/a.csv", Predictions("binary", [[0.9, 0.1]], [[0] * 6], ("p1",)))
        ...     read_predictions(f"{folder}/a.csv").probabilities
        array([[0.9, 0.1]])
    """
    columns: dict[str, Sequence[object]] = dict.fromkeys(ROW_COLUMNS, ("",) * len(predictions))
    columns |= {"patient": predictions.patients, **predictions.details}
    # Nine digits give a float32 back exactly.
    for name, values in zip(_score_columns(predictions.task), predictions.probabilities.T, strict=True):
        columns[name] = [f"{value:.9g}" for value in values]
    for names, labels in ((_LABELS, predictions.labels), (_STUDY_LABELS, predictions.study_labels)):
        if labels is not None:
            for name, values in zip(names, labels.T, strict=True):
                columns[name] = ["" if value == UNKNOWN else int(value) for value in values]
    if predictions.distances is not None:
        columns[_DISTANCE] = [f"{value:.9g}" for value in predictions.distances]
    write_csv(path, columns, zip(*columns.values(), strict=True))


def read_predictions(path: Path | str) -> Predictions:
    """Read a predictions.csv, written by `write_predictions` or elsewhere.

    The columns ``p_…`` say which task it is; all of them and all six ``label_…`` are needed, those of the row, of the
    study's label and ``feature_distance`` are not; others are not read. A line whose probabilities are all empty is a
    slice that was not scored. A slice (``image`` and ``slice``) has one line, else it would count twice.

    Raises:
        InputError: naming file, line, column and remedy, when something is missing or is not what it should be.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError("is a folder", "name the predictions.csv or validation.csv in it", path)
    if not path.is_file():
        raise InputError("does not exist", "evaluate first, or correct the path", path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return _read(path, csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"is not a CSV file in UTF-8 ({error})", "export it again as one", path) from error


def _read(path: Path, reader: Iterator[list[str]]) -> Predictions:
    header = next(reader, [])
    task = _find_task(path, header)
    probabilities, labels, lines, unscored, study_labels, distances = [], [], [], [], [], []
    of_studies = set(_STUDY_LABELS) <= set(header)
    line_of: dict[tuple[str, str], int] = {}
    details: dict[str, list[str]] = {name: [] for name in ROW_COLUMNS if name in header}
    for fields in reader:
        line = reader.line_num  # type: ignore[attr-defined]
        if not any(fields):
            continue
        if len(fields) != len(header):
            raise InputError(
                f"line {line} has {len(fields)} fields instead of {len(header)}", "complete the line", path
            )
        row = dict(zip(header, fields, strict=True))
        slice_ = row.get("image", "").strip(), row.get("slice", "").strip()
        if slice_[0] and (first := line_of.setdefault(slice_, line)) != line:
            raise InputError(f"line {line} is of the same image and slice as line {first}", "keep one of them", path)
        if not any(row[name] for name in _score_columns(task)):
            unscored.append(line)
            continue
        probabilities.append(_read_scores(path, line, row, task))
        labels.append(_read_label(path, line, row, _LABELS))
        if of_studies:
            study_labels.append(_read_label(path, line, row, _STUDY_LABELS))
        if _DISTANCE in row:
            if not (distance := _number(row[_DISTANCE])) >= 0:
                problem = f"line {line}: {_DISTANCE} is {row[_DISTANCE]!r}"
                raise InputError(problem, "give a distance from 0 on, or no such column", path)
            distances.append(distance)
        if (position := row.get(_POSITION, "").strip()) and not math.isfinite(_number(position)):
            problem = f"line {line}: {_POSITION} is {position!r}"
            raise InputError(problem, "give a number of mm or nothing (unknown)", path)
        for name, values in details.items():
            values.append(unguarded(row[name].strip()))
        lines.append(line)
    if not lines:
        raise InputError("has a header but no scored slices", "evaluate a split that has some", path)
    return Predictions(
        task,
        np.array(probabilities),
        np.array(labels),
        tuple(details.get("patient", [""] * len(lines))),
        tuple(lines),
        {name: tuple(values) for name, values in details.items()},
        tuple(unscored),
        np.array(study_labels) if study_labels else None,
        np.array(distances) if distances else None,
    )


def _score_columns(task: str) -> list[str]:
    return [f"p_{name}" for name in CLASSES[task]]


def _find_task(path: Path, header: Sequence[str]) -> str:
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise InputError(f"line 1 has the column {doubled[0]} more than once", "keep one of them", path)
    missing = [name for name in _LABELS if name not in header]
    if missing:
        raise InputError(
            f"line 1 lacks the column {', '.join(missing)}", "add it with 1, 0 or nothing (unknown) in each line", path
        )
    found = {name for name in header if name.startswith("p_")}
    for task in CLASSES:
        if found == set(_score_columns(task)):
            return task
    wanted = "; or ".join(f"{', '.join(_score_columns(task))} (task {task})" for task in CLASSES)
    raise InputError(
        f"line 1 has the probability columns {', '.join(sorted(found)) or '(none)'}",
        f"give exactly those of one task: {wanted}",
        path,
    )


def _read_scores(path: Path, line: int, row: Mapping[str, str], task: str) -> list[float]:
    values = []
    for name in _score_columns(task):
        value = _number(row[name])
        if not 0 <= value <= 1:
            raise InputError(f"line {line}: {name} is {row[name]!r}", "give a probability from 0 to 1", path)
        values.append(value)
    if task != "multilabel" and abs(sum(values) - 1) > SUM_TOLERANCE:
        raise InputError(
            f"line {line}: the probabilities sum to {sum(values):.3f}", "give those after the softmax", path
        )
    return values


def _read_label(path: Path, line: int, row: Mapping[str, str], columns: Sequence[str]) -> list[float]:
    known = {"": None, "0": 0, "1": 1, "0.0": 0, "1.0": 1}
    for name in columns:
        if row[name] not in known:
            raise InputError(f"line {line}: {name} is {row[name]!r}", "give 1, 0 or nothing (unknown)", path)
    try:
        label = check_label([known[row[name]] for name in columns])
    except ValueError as error:
        raise InputError(f"line {line}: {error}", "correct the labels", path) from error
    return [UNKNOWN if value is None else value for value in label]


def _number(text: str) -> float:
    """Return the number that a text is, NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
