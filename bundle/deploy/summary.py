"""What inference prints in the end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle.deploy.records import P_ANY, Records
from bundle.heads import Action

SERIES_SHOWN = 20
FAILED_SHOWN = LEFT_OUT_SHOWN = 10


def summarize(records: Records, missing: Sequence[str], folder: Path | str) -> str:
    """Return a line a series, how many were scored, left out and failed, and the first of those with their reasons.

    Args:
        records: what is reported.
        missing: sentences that say what the checkpoint has no calibration of; "" for none.
        folder: of the results, to be named.
    """
    return "\n".join(_lines(records, missing, folder))


def _lines(records: Records, missing: Sequence[str], folder: Path | str) -> Iterator[str]:
    yield from map(_line, records.series[:SERIES_SHOWN])
    if len(records.series) > SERIES_SHOWN:
        yield f"… and {len(records.series) - SERIES_SHOWN} more series"
    heads = sum(each["slices"] > 0 for each in records.series)
    scored = f"{len(records.slices)} slices of {heads} series scored"
    left_out = f", {len(records.left_out)} left out" if records.left_out else ""
    yield f"{scored}{left_out}, {len(records.failed)} files failed: {folder}"
    counts = Counter(each["action"] for each in records.series)
    if counts:
        yield ", ".join(f"{counts[action]} {action}" for action in Action if counts[action])
    for sentence in filter(None, missing):
        yield f"no head is routine: {sentence}"
    for entry in records.left_out[:LEFT_OUT_SHOWN]:
        count = f" ({entry['slices']} slices)" if entry["slices"] > 1 else ""
        yield f"  left out: {entry['image']}{count}: {entry['kind']}: {entry['reason']}"
    for entry in records.failed[:FAILED_SHOWN]:
        yield f"  failed: {entry['image']}: {entry['reason']}"


def _line(series: Mapping[str, Any]) -> str:
    part = f" ({series['part']})" if series["part"] else ""
    name = f"{series['series'] or series['study'] or 'slice'}{part}"
    reason = f"  {series['refer_reason']}" if series["refer"] else ""
    if not series["slices"]:
        return f"{series['action']:10s}  {name}{reason}"
    where = series["most_suspicious_image"]
    if series["most_suspicious_slice"] != "":
        where += f" slice {series['most_suspicious_slice']}"
    return (
        f"{series['action']:10s}  P(any) {series[P_ANY]:.3f}  {series['slices']:4d} slices  most suspicious: {where}"
        f"{part}{reason}"
    )
