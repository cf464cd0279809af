"""The labels of the RSNA 2019 challenge, from its CSV in long form."""

import csv
from collections.abc import Iterator
from pathlib import Path

from bundle.datalist import Skipped
from bundle.errors import InputError
from bundle.labels import LABELS, Label, check_label

_COLUMNS = ("ID", "Label")
_VALUES: dict[str, int | None] = {"0": 0, "1": 1, "": None, "0.0": 0, "1.0": 1}
_NO_ROW = -1


def read_rsna_labels(file: Path) -> tuple[dict[str, Label], list[Skipped], list[str]]:
    """Gather the rows of each image into one label.

    Identical rows count once; a label without a row, or with an empty value, is unknown. Images whose rows contradict
    each other are left out.

    Args:
        file: CSV with the columns ``ID`` (``ID_<id>_<label>``) and ``Label`` (1, 0 or empty).

    Returns:
        The label of each image ``ID_<id>``, what was left out, and notes on repeated and missing rows.

    Raises:
        InputError: when the file is missing or unreadable, lacks a column, or a row has an unknown label or value.
    """
    columns = {name: index for index, name in enumerate(LABELS)}
    table: dict[str, list[int | None]] = {}
    repeated, contradicting = 0, {}
    for line, row_id, value in _read_rows(file):
        image, _, name = row_id.rpartition("_")
        if name not in columns or not image:
            raise InputError(
                f"{file} line {line} has the ID {row_id!r}, which must end in _ and one of {', '.join(LABELS)}; "
                "correct it"
            )
        if value not in _VALUES:
            raise InputError(f"{file} line {line} has the Label {value!r} for {row_id}; write 1, 0 or nothing")
        label = table.setdefault(image, [_NO_ROW] * len(LABELS))
        column, number = columns[name], _VALUES[value]
        if label[column] == _NO_ROW:
            label[column] = number
        elif label[column] == number:
            repeated += 1
        else:
            contradicting[image] = f"its rows for {name} contradict each other"
    labels, incomplete = {}, 0
    for image, values in table.items():
        incomplete += _NO_ROW in values
        try:
            if image not in contradicting:
                labels[image] = check_label([None if value == _NO_ROW else value for value in values])
        except ValueError as error:
            contradicting[image] = str(error)
    notes = [f"{repeated} rows of the CSV repeat another and were dropped"] if repeated else []
    if incomplete:
        notes.append(f"{incomplete} images lack rows for some label, which is unknown where the others do not imply it")
    return labels, [Skipped(image, reason) for image, reason in contradicting.items()], notes


def _read_rows(file: Path) -> Iterator[tuple[int, str, str]]:
    """Yield line number, ID and Label of each row."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.reader(lines)
            header = next(reader, [])
            missing = [name for name in _COLUMNS if name not in header]
            if missing:
                raise InputError(f"{file} has the columns {header}, without {missing[0]}; it needs ID and Label")
            identifier, label = map(header.index, _COLUMNS)
            for row in reader:
                if len(row) == len(header):
                    yield reader.line_num, row[identifier], row[label]
                elif row:
                    raise InputError(
                        f"{file} line {reader.line_num} has {len(row)} values, not {len(header)}; correct it"
                    )
    except FileNotFoundError:
        raise InputError(f"there is no {file}; put the labels of the RSNA challenge there") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file} cannot be read as CSV ({error}); download it again") from None
