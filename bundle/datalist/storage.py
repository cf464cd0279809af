"""A datalist on the disk."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bundle.datalist.schema import ROW_KEYS, SECTIONS, Row, find_problems
from bundle.errors import InputError
from bundle.files import write_csv, written_whole
from bundle.labels import check_label


def write_datalist(path: Path | str, content: Mapping[str, Any]) -> None:
    """Write a datalist, one row a line; equal content gives equal bytes, and a broken write leaves the old file.

    Raises:
        InputError: when the content is no datalist, or the file cannot be written.

    Example:
        >>> write_datalist("datalist.json", {"name": "heads", "labels": ["any"]})
        Traceback (most recent call last):
        bundle.errors.InputError: datalist.json cannot be written: its labels are ['any']; write ['epidural', ...]
    """
    for problem in find_problems(content):
        raise InputError(f"cannot be written: {problem}", file=path)
    parts = [f"{_dump(key)}: {_dump(value)}" for key, value in content.items() if key not in SECTIONS]
    for section in SECTIONS:
        rows = ",\n".join(_dump(_order(row)) for row in content[section])
        parts.append(f"{_dump(section)}: [\n{rows}\n]" if rows else f"{_dump(section)}: []")
    _write(Path(path), "{\n" + ",\n".join(parts) + "\n}\n")


def read_datalist(path: Path | str) -> dict[str, Any]:
    """Read and check a datalist; labels come back as `bundle.labels.check_label` gives them, null values are left out.

    Raises:
        InputError: when the file is missing, is no JSON or breaks the schema; names the first row and the remedy.

    Example:
        >>> read_datalist("missing.json")
        Traceback (most recent call last):
        bundle.errors.InputError: missing.json does not exist; make it with `python -m scripts.prepare rsna ...
    """
    content = load(path)
    for problem in find_problems(content):
        raise InputError(f"is no valid datalist: {problem}", file=path)
    for section in SECTIONS:
        content[section] = [{**_order(row), "label": check_label(row["label"])} for row in content[section]]
    return content


def read_mask_values(path: Path | str) -> dict[int, str]:
    """Return what the values of a datalist's masks mean, see `bundle.datalist.mask_values`; empty where none are given.

    Raises:
        InputError: as `read_datalist`.
    """
    return {int(value): meaning for value, meaning in read_datalist(path).get("mask_values", {}).items()}


def load(path: Path | str) -> Any:
    """Parse the JSON of a datalist without checking what it holds.

    Raises:
        InputError: when the file is missing or is no JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            "does not exist",
            "make it with `python -m scripts.prepare rsna DATASET_DIR` or another of its commands "
            "(`python -m scripts.prepare --help`)",
            path,
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", "give the path of a datalist in JSON", path) from None
    except ValueError as error:
        raise InputError(f"is no JSON file ({error})", "make it anew with `python -m scripts.prepare`", path) from None


def write_table(path: Path | str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write what was left out of a datalist, or leaks, as CSV.

    Raises:
        InputError: when the file cannot be written.
    """
    with _cannot_be_written(path):
        write_csv(path, columns, rows)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _order(row: Row) -> Row:
    return {key: row[key] for key in ROW_KEYS if row.get(key) is not None}


def _write(path: Path, text: str) -> None:
    with _cannot_be_written(path), written_whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def _cannot_be_written(path: Path | str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", "choose another file with --output", path) from None
