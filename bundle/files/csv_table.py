"""CSV files whose texts a spreadsheet does not take for formulas."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from bundle.files.walk import display_name
from bundle.files.whole import written_whole

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_GUARD = "'"


def write_csv(path: Path | str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    r"""Write a table, which appears complete or not at all; every CSV file is written here.

    Texts are `guarded`, bytes of file names that are no UTF-8 are escaped, None is an empty field.

    Args:
        path: of the file.
        columns: their names.
        rows: the values of each, in the order of the columns.

    Raises:
        OSError: when the file cannot be written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_csv(f"{folder}/a.csv", ["image", "p"], [["=1+1.png", -0.5], ["b.png", None]])
        ...     Path(folder, "a.csv").read_text()
        "image,p\n'=1+1.png,-0.5\nb.png,\n"
    """
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(_cell, columns))
        writer.writerows(map(_cell, row) for row in rows)


def guarded(text: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet would compute it (OWASP, CSV injection).

    Example:
        >>> guarded("=1+1.png"), guarded("a.png"), guarded("-1.5")
        ("'=1+1.png", 'a.png', '-1.5')
    """
    return _GUARD + text if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given.

    Example:
        >>> unguarded("'=1+1.png"), unguarded("'a.png")
        ('=1+1.png', "'a.png")
    """
    return text[1:] if text.startswith(_GUARD) and guarded(text[1:]) == text else text


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    return guarded(value if value.isascii() else display_name(value))
