"""The tables that come with a data set: rows of delimited text, each with its line, for it to be named."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path

from bundle.errors import InputError
from bundle.progress import progress

FLAGS: Mapping[str, int | None] = {"0": 0, "1": 1, "": None, "0.0": 0, "1.0": 1}
"""What a cell of 1, 0 or nothing (unknown) means."""

DELIMITERS = (",", ";", "\t", "|")


def read_lines(file: Path, remedy: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of each row that is not blank, and show how far they have come.

    Args:
        file: delimited text in UTF-8, with or without a byte order mark.
        remedy: what to do when there is no such file.
        delimiter: between the cells.

    Raises:
        InputError: when the file is missing or cannot be read, or a quotation mark is not closed.
    """
    line = 0
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            # Strict, because a quotation mark that is not closed would else take all further rows into its cell.
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            for row in progress(reader, f"reading {file.name}", unit="row", delay=1):
                line = reader.line_num
                if any(row):
                    yield line, row
    except FileNotFoundError:
        raise InputError("does not exist", remedy, file) from None
    except csv.Error as error:
        problem = f"cannot be read as CSV from line {line + 1} on ({error})"
        raise InputError(problem, 'close the " there, or write it twice in a cell between two of them', file) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as CSV ({error})", "save it as CSV in UTF-8", file) from error


def read_columns(
    file: Path, columns: Sequence[str], remedy: str, delimiter: str = ","
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield line number and the cells of some columns, which the first row names, of each further row.

    Args:
        file: as in `read_lines`.
        columns: their names, in the order in which the cells are wanted.
        remedy: as in `read_lines`.
        delimiter: as in `read_lines`.

    Raises:
        InputError: as `read_lines`, when a column is missing or named twice, or a row has more or fewer cells.
    """
    lines = read_lines(file, remedy, delimiter)
    _, header = next(lines, (0, []))
    missing = [name for name in columns if name not in header]
    if missing:
        raise InputError(f"has the columns {header}, without {missing[0]}", f"it needs {', '.join(columns)}", file)
    doubled = [name for name in columns if header.count(name) > 1]
    if doubled:
        raise InputError(f"has two columns {doubled[0]}", "rename one of them", file)
    places = [header.index(name) for name in columns]
    pick = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
    for line, row in lines:
        if len(row) != len(header):
            raise InputError(f"line {line} has {len(row)} values, not {len(header)}", "correct it", file)
        yield line, pick(row)


def find_delimiter(file: Path, remedy: str) -> tuple[str, list[str]]:
    """Return the delimiter that gives the first row the most cells, and that row.

    Raises:
        InputError: as `read_lines`, or when the file is empty.
    """
    headers: dict[str, list[str]] = {}
    for mark in DELIMITERS:
        try:
            headers[mark] = next(read_lines(file, remedy, mark), (0, []))[1]
        except InputError:  # quoted cells are closed before the right delimiter alone
            if mark == DELIMITERS[-1] and not headers:
                raise
    delimiter = max(headers, key=lambda mark: len(headers[mark]))
    if not headers[delimiter]:
        raise InputError("is empty", "its first row must name the columns", file)
    return delimiter, headers[delimiter]


def columns_called(header: Sequence[str], name: str) -> list[str]:
    """Return the columns of a name, whatever their case and the spaces around them.

    Example:
        >>> columns_called(["Image", " patient ", "Patient ID"], "patient")
        [' patient ']
    """
    return [column for column in header if column.strip().lower() == name]


def only_column(file: Path, columns: Sequence[str], what: str, remedy: str) -> str:
    """Return the one column that was found for something.

    Raises:
        InputError: when there are several.
    """
    if len(columns) > 1:
        raise InputError(f"has the columns {' and '.join(columns)} for {what}", remedy, file)
    return columns[0]


def whole_number(text: str) -> int | None:
    """Return the whole number that a cell holds, as spreadsheets write it (``49`` or ``49.0``), or None."""
    match = re.fullmatch(r"(\d+)(\.0)?", text.strip())
    return int(match[1]) if match else None
