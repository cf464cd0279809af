"""What inference prints in the end."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bundle.deploy.collected import Collected
from bundle.deploy.records import P_ANY, Records
from bundle.deploy.uncertainty import cannot_decide

SERIES_SHOWN = 20
FAILED_SHOWN = LEFT_OUT_SHOWN = 10


def summarize(records: Records, collected: Collected, folder: Path | str) -> str:
    """Return a line a series, how many were scored, left out and failed, and the first of those with their reasons.

    Args:
        records: what is reported.
        collected: with the uncertainty of the checkpoint.
        folder: of the results, to be named.
    """
    return "\n".join(_lines(records, collected, folder))


def _lines(records: Records, collected: Collected, folder: Path | str) -> Iterator[str]:
    yield from map(_line, records.series[:SERIES_SHOWN])
    if len(records.series) > SERIES_SHOWN:
        yield f"… and {len(records.series) - SERIES_SHOWN} more series"
    scored = f"{len(records.slices)} slices of {len(records.series)} series scored"
    left_out = f", {len(records.left_out)} left out" if records.left_out else ""
    yield f"{scored}{left_out}, {len(records.failed)} files failed: {folder}"
    if collected.no_uncertainty:
        yield f"no prediction sets and no referral: {collected.no_uncertainty}"
    elif collected.uncertainty is not None and cannot_decide(collected.uncertainty):
        yield "validation had too few studies to decide on a series, so every series is referred; see the slices"
    for entry in records.left_out[:LEFT_OUT_SHOWN]:
        count = f" ({entry['slices']} slices)" if entry["slices"] > 1 else ""
        yield f"  left out: {entry['image']}{count}: {entry['kind']}: {entry['reason']}"
    for entry in records.failed[:FAILED_SHOWN]:
        yield f"  failed: {entry['image']}: {entry['reason']}"


def _line(series: Mapping[str, Any]) -> str:
    where = series["most_suspicious_image"]
    if series["most_suspicious_slice"] != "":
        where += f" slice {series['most_suspicious_slice']}"
    part = f" ({series['part']})" if series["part"] else ""
    refer = f"  refer to a radiologist: {series['refer_reason']}" if series["refer"] else ""
    return f"P(any) {series[P_ANY]:.3f}  {series['slices']:4d} slices  most suspicious: {where}{part}{refer}"
