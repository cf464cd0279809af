"""How many patients, slices and bleeds a datalist holds."""

from collections.abc import Mapping, Sequence

from bundle.datalist.schema import Row
from bundle.labels import LABELS, NORMAL


def count_rows(rows: Sequence[Row]) -> dict[str, int]:
    """Count patients, slices, the slices without hemorrhage, and for each label those where it is 1.

    Example:
        >>> count_rows([{"patient": "p1", "label": [0] * 6}, {"patient": "p1", "label": [0, 1, 0, 0, 1, 1]}])
        {'patients': 1, 'slices': 2, 'normal': 1, 'epidural': 0, 'intraparenchymal': 1, 'intraventricular': 0,
         'subarachnoid': 0, 'subdural': 1, 'any': 1}
    """
    counts = {"patients": len({row["patient"] for row in rows}), "slices": len(rows)}
    counts[NORMAL] = sum(row["label"][-1] == 0 for row in rows)
    return counts | {name: sum(row["label"][index] == 1 for row in rows) for index, name in enumerate(LABELS)}


def format_counts(sections: Mapping[str, Sequence[Row]]) -> str:
    """Return a table of the counts of each section, with their total.

    Example:
        >>> rows = [{"patient": "p1", "label": [0] * 6}, {"patient": "p1", "label": [0, 1, 0, 0, 0, 1]}]
        >>> format_counts({"training": rows}).splitlines()[-1].split()  # patients, slices, normal, subtypes, any
        ['total', '1', '2', '1', '0', '1', '0', '0', '0', '1']
    """
    counts = {section: count_rows(rows) for section, rows in sections.items()}
    columns = list(count_rows([]))
    counts["total"] = {column: sum(row[column] for row in counts.values()) for column in columns}
    widths = [max(len(column), 7) for column in columns]
    lines = [" " * 10 + "".join(f"  {column:>{width}}" for column, width in zip(columns, widths, strict=True))]
    for section, row in counts.items():
        cells = "".join(f"  {row[column]:>{width}}" for column, width in zip(columns, widths, strict=True))
        lines.append(f"{section:<10}{cells}")
    return "\n".join(lines)
