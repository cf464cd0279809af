"""How many patients, slices and bleeds a datalist holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from bundle.datalist.schema import SECTIONS, Row
from bundle.labels import LABELS


def count_rows(rows: Sequence[Row]) -> dict[str, int]:
    """Count patients, slices and, for each label, the slices where it is 1."""
    counts = {"patients": len({row["patient"] for row in rows}), "slices": len(rows)}
    return counts | {name: sum(row["label"][index] == 1 for row in rows) for index, name in enumerate(LABELS)}


def format_counts(content: Mapping[str, Any]) -> str:
    """Return a table of the counts of each section of a datalist, with their total."""
    counts = {section: count_rows(content[section]) for section in SECTIONS}
    columns = list(counts[SECTIONS[0]])
    counts["total"] = {column: sum(row[column] for row in counts.values()) for column in columns}
    widths = [max(len(column), 7) for column in columns]
    lines = [" " * 10 + "".join(f"  {column:>{width}}" for column, width in zip(columns, widths, strict=True))]
    for section, row in counts.items():
        cells = "".join(f"  {row[column]:>{width}}" for column, width in zip(columns, widths, strict=True))
        lines.append(f"{section:<10}{cells}")
    return "\n".join(lines)
