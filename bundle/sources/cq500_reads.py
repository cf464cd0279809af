"""What three radiologists read of each scan of CQ500, and what the majority of them says."""

import re
from collections.abc import Sequence
from pathlib import Path

from bundle.datalist import Skipped
from bundle.errors import InputError
from bundle.labels import ABBREVIATIONS, LABELS, SUBTYPES, Label, check_label
from bundle.sources.delimited import FLAGS, read_columns

READERS = ("R1", "R2", "R3")
_COLUMNS = tuple(f"{reader}:{ABBREVIATIONS[name]}" for reader in READERS for name in LABELS)
_SCAN = re.compile(r"CQ500[-_ ]?CT[-_ ]?(\d+)", re.IGNORECASE)

Reads = Sequence[Sequence[int | None]]
"""For each reader six values in the order of `LABELS`, 1, 0 or None for nothing read."""


def scan_number(name: str) -> int | None:
    """Return the number of the scan that a name begins with: ``CQ500-CT-0`` and ``CQ500CT0 CQ500CT0`` are scan 0."""
    match = _SCAN.match(name)
    return int(match[1]) if match else None


def majority(votes: Sequence[int | None]) -> int | None:
    """Return what two of three say, or None when no two agree."""
    return next((value for value in (1, 0) if list(votes).count(value) > len(READERS) // 2), None)


def scan_label(reads: Reads) -> Label:
    """Return the label of a scan: for each value the majority of the readers.

    Of a bleed whose kind no two readers agree on, each kind that one of them named is unknown; if nobody named any,
    all are.

    Raises:
        ValueError: when the majority sees a subtype, and no bleed.
    """
    columns = list(zip(*reads, strict=True))
    *subtypes, bleed = map(majority, columns)
    if bleed == 1 and 1 not in subtypes:
        named = [1 in votes for votes in columns[: len(SUBTYPES)]]
        subtypes = [None if name or not any(named) else value for name, value in zip(named, subtypes, strict=True)]
    return check_label([*subtypes, bleed])


def read_reads(file: Path) -> tuple[dict[str, Label], list[Skipped]]:
    """Read the label of each scan by its name.

    Returns:
        The labels, and the scans that were left out because their reads contradict each other.

    Raises:
        InputError: when the file is missing or unreadable, lacks a column, names a scan twice or otherwise than
            ``CQ500-CT-<number>``, or has another value than 1, 0 or nothing.
    """
    labels: dict[str, Label] = {}
    skipped = []
    seen: dict[int, int] = {}
    for line, (name, *values) in read_columns(file, ("name", *_COLUMNS), "put the reads of CQ500 there"):
        number = scan_number(name)
        if number is None:
            problem = f"line {line} has the name {name!r}, which must be CQ500-CT-<number>"
            raise InputError(problem, "correct it", file)
        if number in seen:
            raise InputError(f"line {line} has {name} of line {seen[number]} again", "remove one of them", file)
        seen[number] = line
        for column, value in zip(_COLUMNS, values, strict=True):
            if value not in FLAGS:
                raise InputError(f"line {line} has the {column} {value!r}", "write 1, 0 or nothing", file)
        flags = [FLAGS[value] for value in values]
        size = len(LABELS)
        try:
            labels[name] = scan_label([flags[start : start + size] for start in range(0, len(flags), size)])
        except ValueError as error:
            skipped.append(Skipped(name, str(error)))
    return labels, skipped
