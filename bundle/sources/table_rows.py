"""The lines of a table of images, one for each image or slice of a volume."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bundle.clinical import LONGEST, MAX_CATEGORIES, looks_personal
from bundle.datalist import Collection, Row, Skipped
from bundle.errors import InputError
from bundle.labels import LABELS, Label, check_label
from bundle.sources.delimited import read_columns, whole_number
from bundle.sources.paths import relative_path
from bundle.sources.person import pseudonym, read_age, read_sex
from bundle.sources.table_columns import REMEDY, Columns
from bundle.sources.table_labels import combine_flags, known_name, known_text, read_classes, read_flag

Image = tuple[str, int | None]
"""File relative to the data set's folder, and the index of the slice in it, in the order as stored."""


def read_rows(collection: Collection, file: Path, root: Path, columns: Columns, first_slice: int) -> dict[Image, Row]:
    """Return what the table says of each image or slice of one; what is not used is told to the collection.

    Args:
        collection: gets notes on repeated rows and unreadable values, and rows skipped as they contradict each other.
        file: the table.
        root: folder to which the images are relative.
        columns: of the table.
        first_slice: what the table calls the first slice of a volume.

    Raises:
        InputError: when a row has an image outside `root` or a value that is none of its column; names the line.
    """
    names = {**columns.keys, **columns.labels, **columns.clinical} | (
        {"classes": columns.classes} if columns.classes else {}
    )
    wanted = list(dict.fromkeys(names.values()))
    rows: dict[Image, Row] = {}
    contradicting: dict[Image, str] = {}
    unread: dict[str, list[int]] = {}
    repeated = 0
    for line, cells in read_columns(file, wanted, REMEDY, columns.delimiter):
        by_column = dict(zip(wanted, cells, strict=True))
        try:
            key = _read_image(by_column, columns, root), _read_slice(by_column, columns, first_slice)
            row: Row = {"label": _read_label(by_column, columns)}
            if clinical := _read_clinical(by_column, columns):
                row["clinical"] = clinical
        except InputError as error:
            raise InputError(f"line {line} has {error.problem}", error.remedy, file) from None
        except ValueError as error:
            contradicting[key] = f"its labels in line {line} contradict each other: {error}"
            continue
        for name, read in _READ.items():
            text = known_name(by_column.get(columns.keys.get(name, ""), ""))
            value = read(text) if text else None
            if value is not None:
                row[name] = value
            elif text:
                unread.setdefault(columns.keys[name], []).append(line)
        if key in rows:
            repeated += 1
            earlier = rows[key]
            if other := [
                name for name in _OF_IMAGE if name in earlier and row.get(name, earlier[name]) != earlier[name]
            ]:
                contradicting[key] = f"its {other[0]} in line {line} contradicts that of an earlier line"
            rows[key] = {**row, **earlier}
        else:
            rows[key] = row
    if repeated:
        collection.notes.append(f"{repeated} rows repeat an image of an earlier row")
    for column, lines in unread.items():  # without the values, which in a wrong column could be names
        collection.notes.append(
            f"{len(lines)} values of {column} cannot be read and were left out, first in line {lines[0]}"
        )
    _check_categories(file, rows, columns)
    for key, reason in contradicting.items():
        rows.pop(key, None)
        collection.skipped.append(Skipped(key[0], reason))
    return rows


def _read_number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[-+]?\d+(\.\d+)?", text) else None


_OF_IMAGE = ("label", "patient", "study", "series", "position")
"""What an image has one of, so that two rows of it cannot differ."""

_READ: Mapping[str, Callable[[str], Any]] = {
    "patient": pseudonym,
    "study": str,
    "series": str,
    "position": _read_number,
    "age": read_age,
    "sex": read_sex,
    "site": str,
    "manufacturer": str,
}


def _read_label(cells: Mapping[str, str], columns: Columns) -> Label:
    flags = {}
    for name, column in columns.labels.items():
        try:
            flags[name] = read_flag(cells[column])
        except InputError as error:
            raise InputError(f"the {column} {error.problem}", error.remedy) from None
    label = combine_flags(flags)
    if columns.classes is None:
        return label
    named = read_classes(cells[columns.classes])
    for name, value, other in zip(LABELS, label, named, strict=True):
        if {value, other} == {0, 1}:
            raise ValueError(f"{name} is {value}, but {other} by {columns.classes}")
    return check_label([value if value is not None else other for value, other in zip(label, named, strict=True)])


def _read_clinical(cells: Mapping[str, str], columns: Columns) -> dict[str, float | str]:
    """Return the features that are known; the error does not repeat the value, which may be personal."""
    features: dict[str, float | str] = {}
    for name, column in columns.clinical.items():
        text = known_text(cells[column])
        if not text:
            continue
        number = _read_number(text)
        if number is None and looks_personal(text):
            problem = f"a date or more than {LONGEST} characters in {column}, which is no number and no category"
            raise InputError(problem, "leave the column out of --clinical")
        features[name] = text if number is None else number
    return features


def _check_categories(file: Path, rows: Mapping[Image, Row], columns: Columns) -> None:
    for name, column in columns.clinical.items():
        values = {row.get("clinical", {}).get(name) for row in rows.values()}
        kinds = sum(isinstance(value, str) for value in values)
        if kinds > MAX_CATEGORIES:
            raise InputError(
                f"has {kinds} different texts in {column}, more than {MAX_CATEGORIES}, so that they could be names or "
                "notes",
                "leave the column out of --clinical, or group its texts",
                file,
            )


def _read_image(cells: Mapping[str, str], columns: Columns, root: Path) -> str:
    text = cells[columns.keys["image"]]
    if not text.strip():
        raise InputError("no image", "name one or remove the line")
    try:
        return relative_path(text, root)
    except InputError as error:
        raise InputError(f"the image {error.problem}", error.remedy) from None


def _read_slice(cells: Mapping[str, str], columns: Columns, first_slice: int) -> int | None:
    """Return the index of a slice from 0 on, or None when the table names none."""
    text = known_text(cells[columns.keys["slice"]]) if "slice" in columns.keys else ""
    if not text:
        return None
    number = whole_number(text)
    if number is None or number < first_slice:
        problem = f"the slice {text!r}, which must be a whole number from {first_slice} on"
        raise InputError(problem, "see --first_slice")
    return number - first_slice
