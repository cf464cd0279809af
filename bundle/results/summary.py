"""What inference prints in the end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle.heads import Action
from bundle.results.records import P_ANY, Records
from bundle.viewer import head_names, likely_subtypes, where_words

SERIES_SHOWN = 20
_INDENT = " " * 13
FAILED_SHOWN = LEFT_OUT_SHOWN = 10


def summarize(records: Records, missing: Sequence[str], folder: Path | str) -> str:
    """Return the verdict of each head, how many were scored, left out and failed, and the first of those with reasons.

    Args:
        records: what is reported.
        missing: sentences that say what the checkpoint has no calibration of.
        folder: of the results, to be named.
    """
    return "\n".join(_lines(records, missing, folder))


def describe_objects(records: Records, folder: Path | str) -> str:
    """Return in a line of how many heads there are DICOM objects, and where."""
    written = sum(bool(each.get("dicom_results")) for each in records.series)
    return f"DICOM results of {written} of {len(records.series)} series: {folder}"


def _lines(records: Records, missing: Sequence[str], folder: Path | str) -> Iterator[str]:
    names = head_names(records.series)
    for series, name in zip(records.series[:SERIES_SHOWN], names, strict=False):
        yield from _head(series, name)
    if len(records.series) > SERIES_SHOWN:
        yield f"… and {len(records.series) - SERIES_SHOWN} more series"
    heads = sum(each["slices"] > 0 for each in records.series)
    scored = f"{len(records.slices)} slices of {heads} series scored"
    left_out = f", {len(records.left_out)} left out" if records.left_out else ""
    yield f"{scored}{left_out}, {len(records.failed)} files failed: {folder}"
    counts = Counter(each["action"] for each in records.series)
    if counts:
        yield ", ".join(f"{counts[action]} {action}" for action in Action if counts[action])
    for sentence in missing:
        yield f"no head is routine: {sentence}"
    for entry in records.left_out[:LEFT_OUT_SHOWN]:
        count = f" ({entry['slices']} slices)" if entry["slices"] > 1 else ""
        yield f"  left out: {entry['image']}{count}: {entry['kind']}: {entry['reason']}"
    for entry in records.failed[:FAILED_SHOWN]:
        yield f"  failed: {entry['image']}: {entry['reason']}"


def _head(series: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the lines of a head: its verdict, then what is known of the bleed."""
    slices = f"{series['slices']} slice{'s' * (series['slices'] != 1)}"
    score = f"  P(any) {series[P_ANY]:.3f}" if series["slices"] else ""
    yield f"{series['action']:11s}{score}  {name}, {slices}"
    if series["refer"]:
        yield f"{_INDENT}{series['refer_reason']}"
    if series.get("hemorrhage"):
        if subtypes := likely_subtypes(series):
            yield _INDENT + ", ".join(f"{name} {score:.2f}" for name, score in subtypes.items())
        if where := where_words(series):
            yield f"{_INDENT}{where}"
    if series["slices"] > 1:
        worst = series["most_suspicious_image"]
        number = series["most_suspicious_slice"]
        yield f"{_INDENT}most suspicious: {worst}{f' slice {number + 1}' if number != '' else ''}"
