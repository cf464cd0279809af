"""Which column of a table holds what."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bundle.clinical import OF_ROW, feature_name, is_personal
from bundle.errors import InputError
from bundle.labels import LABELS, NORMAL
from bundle.sources.class_names import class_of
from bundle.sources.delimited import columns_called, find_delimiter, only_column

KEYS = ("image", "slice", "patient", "study", "series", "position", "age", "sex", "site", "manufacturer")
_NORMAL = re.compile("normal|hemorrhage|haemorrhage|bleed")
REMEDY = "give the table as it is seen from here"


class Columns(NamedTuple):
    """Where the columns are, by their names in the table."""

    delimiter: str
    keys: Mapping[str, str]
    """Column of each of `KEYS` that the table has."""
    labels: Mapping[str, str]
    """Column of each label, and of `NORMAL`, that holds flags."""
    classes: str | None
    """Column of the names of classes."""
    clinical: Mapping[str, str]
    """Column of each further clinical feature."""


def find_columns(
    file: Path,
    named: Mapping[str, str | None],
    labels: str | None = None,
    classes: str | None = None,
    clinical: str | None = None,
    keys: Sequence[str] = KEYS,
) -> Columns:
    """Find the columns of a table.

    Args:
        file: the table.
        named: column of some of `KEYS`; those without are found by their name.
        labels: columns of some labels or of `NORMAL`, as `parse_labels` reads them; the others are found by their
            names.
        classes: column of the names of classes.
        clinical: columns of some further clinical features, as `parse_clinical` reads them.
        keys: of a row that the table may tell; columns called like the others say nothing.

    Raises:
        InputError: when the table is missing or unreadable, a named column is not in it, or it has no column of
            images, none of labels, or two for one; or as `parse_labels` and `parse_clinical`.
    """
    flags = {} if labels is None else parse_labels(labels)
    features = {} if clinical is None else parse_clinical(clinical)
    delimiter, header = find_delimiter(file, REMEDY)
    wanted = {key: column for key, column in named.items() if column is not None}
    for key in keys:
        same = columns_called(header, key)
        if key not in wanted and same:
            wanted[key] = only_column(file, same, key, f"name the right one with --{key}")
    used = {*wanted.values(), *flags.values(), *features.values(), classes}
    for name in (*LABELS, NORMAL):
        same = [column for column in header if _label_of(column) == name and column not in used]
        if same and name not in flags:
            flags[name] = only_column(file, same, name, "name the right one with --labels")
    for what, column in {**wanted, **flags, "classes": classes, **features}.items():
        if column is not None and column not in header:
            raise InputError(f"has no column {column!r} for {what}", f"its columns are {', '.join(header)}", file)
    if "image" not in wanted:
        raise InputError("has no column image", f"name that of the images with --image: {', '.join(header)}", file)
    if not flags and classes is None:
        raise InputError(
            f"has no column of a label ({', '.join(LABELS)})",
            "name some with --labels epidural=COLUMN,any=COLUMN or that of the classes' names with --classes: "
            f"{', '.join(header)}",
            file,
        )
    return Columns(delimiter, wanted, flags, classes, features)


def _label_of(column: str) -> str | None:
    """Return the label that a column's name means; "no", a class of its own in a cell, is a number in many a table."""
    label = class_of(column)
    return None if label == NORMAL and not _NORMAL.search(column.lower()) else label


def parse_labels(text: str) -> dict[str, str]:
    """Return the columns written as ``epidural=EDH,any=bleed`` or ``normal=No_Hemorrhage``.

    Raises:
        InputError: when it is not of this form, or names another label.
    """
    pairs = [part.partition("=") for part in text.split(",")]
    for name, _, column in pairs:
        if name.strip() not in (*LABELS, NORMAL) or not column.strip():
            raise InputError(
                f"the labels {text!r} are not written as epidural=COLUMN,any=COLUMN, with names out of "
                f"{', '.join((*LABELS, NORMAL))}",
                "correct --labels",
            )
    return {name.strip(): column.strip() for name, _, column in pairs}


def parse_clinical(text: str) -> dict[str, str]:
    """Return the columns written as ``"Systolic BP",history`` or ``systolic_bp=SBP``, by `feature_name`.

    Raises:
        InputError: when a name has no letter, is given twice, is age or sex, or is one of what identifies a person.
    """
    columns: dict[str, str] = {}
    for part in text.split(","):
        name, _, column = part.partition("=")
        column = (column or name).strip()
        feature = feature_name(name)
        if not feature[:1].isalpha() or feature in columns:
            raise InputError(f"the clinical features {text!r} need a name of letters each, once", "correct --clinical")
        if feature in OF_ROW:
            problem = f"the clinical feature {feature!r} has an option of its own"
            raise InputError(problem, f"write --{feature} {column!r}")
        if is_personal(name) or is_personal(column):
            raise InputError(
                f"the clinical feature {part.strip()!r} is called like what identifies a person, which never enters a "
                "datalist",
                "leave it out of --clinical",
            )
        columns[feature] = column
    return columns
