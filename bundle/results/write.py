"""The files that inference leaves behind."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bundle.errors import InputError
from bundle.files import write_csv, written_whole
from bundle.results.records import Records

_TABLES: Mapping[str, Sequence[str]] = {
    "slices": (),
    "series": (),
    "left_out": ("image", "kind", "reason"),
    "failed": ("image", "reason"),
}
"""Parts of `Records`, and the columns that each table has even without a line."""


def write_results(folder: Path, records: Records, about: Mapping[str, Any]) -> None:
    """Write slices.csv, series.csv, left_out.csv and failed.csv, and results.json with all of them.

    Args:
        folder: of the files, which replace those of an earlier inference.
        records: the lines.
        about: what results.json says besides.

    Raises:
        InputError: when one of them cannot be written; then all are those of the earlier inference.
    """
    everything = {
        **about,
        "series": records.series,
        "slices": records.slices,
        "left_out": records.left_out,
        "failed": records.failed,
    }
    try:
        # They take the places of the earlier ones only when the last of them is written.
        with ExitStack() as together:
            for name, columns in _TABLES.items():
                part = together.enter_context(written_whole(folder / f"{name}.csv"))
                write_records(part, getattr(records, name), columns)
            part = together.enter_context(written_whole(folder / "results.json"))
            part.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        problem = f"cannot take the results ({error.strerror}); earlier ones are as they were"
        raise InputError(problem, "make room, or choose another folder for them", folder) from error


def write_records(path: Path, records: Sequence[Mapping[str, Any]], fields: Sequence[str] = ()) -> None:
    """Write records as lines, a column for each name that one of them has, and at least for `fields`."""
    names = list(dict.fromkeys([*fields, *(name for record in records for name in record)]))
    write_csv(path, names, ([record.get(name) for name in names] for record in records))
