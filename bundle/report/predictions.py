"""predictions.csv and validation.csv: one line a slice, what the network said of it and what is true."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from bundle.errors import InputError
from bundle.labels import CLASSES, LABELS, UNKNOWN, check_label
from bundle.metrics import study_names
from bundle.metrics.probabilities import SUM_TOLERANCE, check_probabilities

_ROW = ("image", "slice", "patient", "study", "series", "position", "age", "sex", "site", "manufacturer")
_LABELS = tuple(f"label_{name}" for name in LABELS)
_STUDY_LABELS = tuple(f"study_{name}" for name in _LABELS)
_DISTANCE = "feature_distance"


@dataclass(frozen=True)
class Predictions:
    """The content of a predictions.csv of N slices."""

    task: str
    """A key of `bundle.labels.CLASSES`."""
    probabilities: np.ndarray
    """[N, C] float64 in the order of ``CLASSES[task]``."""
    labels: np.ndarray
    """[N, 6] float32 in the order of `LABELS`, each 1, 0 or `UNKNOWN`."""
    patients: tuple[str, ...]
    """Pseudonym of each slice's patient, empty where unknown."""
    lines: tuple[int, ...]
    """Line of each slice in the file, where the header is line 1."""
    details: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the file's columns of the datalist's rows say of each slice: column → N texts, empty where unknown."""
    unscored: tuple[int, ...] = ()
    """Lines without a single probability, which are left out of all the others."""
    study_labels: np.ndarray | None = None
    """[N, 6], on each slice what was read of its study as a whole; None where the file has no such columns."""
    distances: np.ndarray | None = None
    """[N] float64, how far each slice's features lie from those of validation, see `bundle.uncertainty`; None where
    the file has no such column."""

    @property
    def studies(self) -> list[str]:
        """What is taken as the study of each slice, see `bundle.metrics.study_names`."""
        return study_names(self.details.get("study", ("",) * len(self.lines)), self.patients)


def write_predictions(
    path: Path | str,
    rows: Sequence[Mapping[str, object]],
    probabilities: ArrayLike,
    task: str,
    distances: ArrayLike | None = None,
) -> None:
    """Write predictions.csv.

    Its columns are ``image, slice, patient, study, series, position, age, sex, site, manufacturer``, then ``p_<class>``
    for each class of the task, then ``label_<name>`` for the six labels: 1, 0, or empty for unknown; where a row has a
    ``study_label`` that is not all unknown, ``study_label_<name>`` as well, and ``feature_distance`` where distances
    are given. Slice i stands on line i + 2.

    Args:
        path: the file to write.
        rows: N rows of a datalist, with ``image`` and ``label`` (six values, None for unknown).
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        task: a key of `bundle.labels.CLASSES`.
        distances: [N], how far each slice's features lie from those of validation.

    Raises:
        TypeError, ValueError: when the probabilities are none of this task, or are not as many as the rows.
    """
    scores = check_probabilities(probabilities, task)
    if len(rows) != len(scores):
        raise ValueError(f"there must be as many rows as probabilities, got {len(rows)} and {scores.shape}")
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        nothing = [None] * len(LABELS)
        of_studies = any(row.get("study_label", nothing) != nothing for row in rows)
        more = [*(_STUDY_LABELS if of_studies else ()), *(() if distances is None else (_DISTANCE,))]
        writer.writerow([*_ROW, *_score_columns(task), *_LABELS, *more])
        for index, (row, values) in enumerate(zip(rows, scores, strict=True)):
            # Nine digits give a float32 back exactly; None is written as an empty field.
            fields = [*(_field(row.get(name)) for name in _ROW), *(f"{value:.9g}" for value in values)]
            fields += check_label(row["label"])  # type: ignore[arg-type]
            if of_studies:
                fields += check_label(row.get("study_label", nothing))  # type: ignore[arg-type]
            if distances is not None:
                fields.append(f"{np.asarray(distances)[index]:.9g}")
            writer.writerow(fields)


def _field(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def read_predictions(path: Path | str) -> Predictions:
    """Read a predictions.csv, written by `write_predictions` or elsewhere.

    The columns ``p_…`` say which task it is; all of them and all six ``label_…`` are needed, those of the row, of the
    study's label and ``feature_distance`` are not; others are not read. A line whose probabilities are all empty is a
    slice that was not scored.

    Raises:
        InputError: naming file, line, column and remedy, when something is missing or is not what it should be.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"there is no {path}; evaluate first, or name the folder that holds a predictions.csv")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return _read(path, csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a CSV file in UTF-8 ({error}); export it again as one") from error


def _read(path: Path, reader: Iterator[list[str]]) -> Predictions:
    header = next(reader, [])
    task = _find_task(path, header)
    probabilities, labels, lines, unscored, study_labels, distances = [], [], [], [], [], []
    of_studies = set(_STUDY_LABELS) <= set(header)
    details: dict[str, list[str]] = {name: [] for name in _ROW if name in header}
    for fields in reader:
        line = reader.line_num  # type: ignore[attr-defined]
        if not any(fields):
            continue
        if len(fields) != len(header):
            raise InputError(f"{path} line {line} has {len(fields)} fields instead of {len(header)}; complete the line")
        row = dict(zip(header, fields, strict=True))
        if not any(row[name] for name in _score_columns(task)):
            unscored.append(line)
            continue
        probabilities.append(_read_scores(path, line, row, task))
        labels.append(_read_label(path, line, row, _LABELS))
        if of_studies:
            study_labels.append(_read_label(path, line, row, _STUDY_LABELS))
        if _DISTANCE in row:
            distances.append(_read_distance(path, line, row[_DISTANCE]))
        for name, values in details.items():
            values.append(row[name].strip())
        lines.append(line)
    if not lines:
        raise InputError(f"{path} has a header but no scored slices; evaluate a split that has some")
    return Predictions(
        task,
        np.array(probabilities),
        np.array(labels, dtype=np.float32),
        tuple(details.get("patient", [""] * len(lines))),
        tuple(lines),
        {name: tuple(values) for name, values in details.items()},
        tuple(unscored),
        np.array(study_labels, dtype=np.float32) if study_labels else None,
        np.array(distances) if distances else None,
    )


def _score_columns(task: str) -> list[str]:
    return [f"p_{name}" for name in CLASSES[task]]


def _find_task(path: Path, header: Sequence[str]) -> str:
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise InputError(f"{path} line 1 has the column {doubled[0]} more than once; keep one of them")
    missing = [name for name in _LABELS if name not in header]
    if missing:
        raise InputError(
            f"{path} line 1 lacks the column {', '.join(missing)}; add it with 1, 0 or nothing (unknown) in each line"
        )
    found = {name for name in header if name.startswith("p_")}
    for task in CLASSES:
        if found == set(_score_columns(task)):
            return task
    wanted = "; or ".join(f"{', '.join(_score_columns(task))} (task {task})" for task in CLASSES)
    raise InputError(
        f"{path} line 1 has the probability columns {', '.join(sorted(found)) or '(none)'}; "
        f"give exactly those of one task: {wanted}"
    )


def _read_scores(path: Path, line: int, row: Mapping[str, str], task: str) -> list[float]:
    values = []
    for name in _score_columns(task):
        try:
            value = float(row[name])
        except ValueError:
            value = np.nan
        if not 0 <= value <= 1:
            raise InputError(f"{path} line {line}: {name} is {row[name]!r}; give a probability from 0 to 1")
        values.append(value)
    if task != "multilabel" and abs(sum(values) - 1) > SUM_TOLERANCE:
        raise InputError(
            f"{path} line {line}: the probabilities sum to {sum(values):.3f}; give those after the softmax"
        )
    return values


def _read_label(path: Path, line: int, row: Mapping[str, str], columns: Sequence[str]) -> list[float]:
    known = {"": None, "0": 0, "1": 1, "0.0": 0, "1.0": 1}
    for name in columns:
        if row[name] not in known:
            raise InputError(f"{path} line {line}: {name} is {row[name]!r}; give 1, 0 or nothing (unknown)")
    try:
        label = check_label([known[row[name]] for name in columns])
    except ValueError as error:
        raise InputError(f"{path} line {line}: {error}; correct the labels") from error
    return [UNKNOWN if value is None else value for value in label]


def _read_distance(path: Path, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value >= 0:
        raise InputError(f"{path} line {line}: {_DISTANCE} is {text!r}; give a distance from 0 on, or no such column")
    return value
