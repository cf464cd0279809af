"""The two tables of CT-ICH: the radiologists' diagnoses of each slice, and what is known of the patients."""

import re
from pathlib import Path

from bundle.datalist import Row, Skipped
from bundle.errors import InputError
from bundle.labels import SUBTYPES, Label, check_label
from bundle.sources.delimited import FLAGS, read_columns, read_lines, whole_number
from bundle.sources.person import read_age, read_sex

_SUBTYPE_COLUMNS = tuple(subtype.capitalize() for subtype in SUBTYPES)
_COLUMNS = ("PatientNumber", "SliceNumber", *_SUBTYPE_COLUMNS, "No_Hemorrhage")
_REMEDY = "put the diagnoses of CT-ICH there"

Slice = tuple[int, int]
"""Number of a patient, and of a slice of theirs, from 1 on."""


def slice_name(patient: int, number: int) -> str:
    """Return how a slice without an image of its own is called in a list of what was skipped."""
    return f"{patient:03d} slice {number}"


def read_diagnoses(file: Path) -> tuple[dict[Slice, Label], list[Skipped], list[str]]:
    """Read the label of each slice; *any* is the contrary of ``No_Hemorrhage``, fractures are not read.

    Identical rows count once; slices whose values or rows contradict each other are left out.

    Returns:
        The labels, what was left out, and notes.

    Raises:
        InputError: when the file is missing or unreadable, lacks a column, or a row holds another value than 1, 0 or
            nothing, or no whole number of a patient or slice.
    """
    labels: dict[Slice, Label] = {}
    contradicting: dict[Slice, str] = {}
    repeated = 0
    for line, (patient, number, *values) in read_columns(file, _COLUMNS, _REMEDY):
        for column, value in zip(_COLUMNS[2:], values, strict=True):
            if value not in FLAGS:
                raise InputError(f"line {line} has the {column} {value!r}", "write 1, 0 or nothing", file)
        *subtypes, normal = (FLAGS[value] for value in values)
        key = _whole(patient, file, line, _COLUMNS[0]), _whole(number, file, line, _COLUMNS[1])
        try:
            label = check_label([*subtypes, None if normal is None else 1 - normal])
        except ValueError as error:
            contradicting[key] = str(error)
            continue
        repeated += key in labels
        if labels.setdefault(key, label) != label:
            contradicting[key] = "its rows contradict each other"
    skipped = [Skipped(slice_name(*key), reason) for key, reason in sorted(contradicting.items())]
    notes = [f"{repeated} rows of {file.name} name a slice again"] if repeated else []
    return {key: label for key, label in sorted(labels.items()) if key not in contradicting}, skipped, notes


def read_demographics(file: Path) -> tuple[dict[int, Row], list[str]]:
    """Read age (years) and sex of each patient, as far as they can be told.

    The table was made by hand: its header is over two rows, with line breaks inside, and cells are empty, hold other
    units, or stray. What cannot be read is left out, and noted.

    Returns:
        ``{"age", "sex"}`` by the number of the patient, and notes.

    Raises:
        InputError: when the file is there but cannot be read as CSV.
    """
    if not file.is_file():
        return {}, [f"there is no {file.name}, so ages and sexes are unknown"]
    lines = read_lines(file, _REMEDY)
    found = next((columns for _, row in lines if (columns := _find_columns(row))), None)
    if found is None:
        return {}, [f"no row of {file.name} names Patient Number, Age and Gender, so ages and sexes are unknown"]
    known: dict[int, Row] = {}
    unread = []
    for _, row in lines:
        patient, age, sex = (row[column].strip() if column < len(row) else "" for column in found)
        if not patient.isdecimal():  # the second row of the header, sums, remarks
            continue
        values = {"age": (age, read_age(age)), "sex": (sex, read_sex(sex))}
        known[int(patient)] = {key: value for key, (_, value) in values.items() if value is not None}
        unread += [f"{key} {text!r} of {patient}" for key, (text, value) in values.items() if text and value is None]
    return known, [f"{file.name} has values that cannot be read and were left out: {', '.join(unread)}"] * bool(unread)


def _whole(text: str, file: Path, line: int, column: str) -> int:
    number = whole_number(text)
    if number is None:
        raise InputError(f"line {line} has the {column} {text!r}", "write a whole number", file)
    return number


def _find_columns(row: list[str]) -> tuple[int, int, int] | None:
    """Return where the patient's number, age and sex are, when this is the row that names them."""
    words = [re.sub("[^a-z]", "", cell.lower()) for cell in row]
    places = [
        next((index for index, word in enumerate(words) if word.startswith(starts)), None)
        for starts in (("patientn", "patientid"), ("age",), ("gender", "sex"))
    ]
    return None if None in places else (places[0], places[1], places[2])  # type: ignore[return-value]
