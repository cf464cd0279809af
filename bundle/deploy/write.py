"""The files that inference leaves behind."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle.deploy.collected import Collected
from bundle.deploy.records import Records
from bundle.deploy.uncertainty import describe_uncertainty
from bundle.files import guarded, written_whole
from bundle.labels import CLASSES


def write_results(folder: Path, records: Records, task: str, threshold: float, collected: Collected) -> None:
    """Write slices.csv, series.csv, left_out.csv and failed.csv, and results.json with all of them.

    Args:
        folder: of the files, which replace those of an earlier inference.
        records: the lines.
        task: a key of `bundle.labels.CLASSES`.
        threshold: P(any) from which on a series was called a hemorrhage.
        collected: with the uncertainty of the checkpoint.

    Raises:
        OSError: when a file cannot be written.
    """
    write_csv(folder / "slices.csv", records.slices)
    write_csv(folder / "series.csv", records.series)
    write_csv(folder / "left_out.csv", records.left_out, ("image", "kind", "reason"))
    write_csv(folder / "failed.csv", records.failed, ("image", "reason"))
    everything = {
        "task": task,
        "classes": CLASSES[task],
        "threshold": threshold,
        "uncertainty": describe_uncertainty(collected.uncertainty, collected.no_uncertainty),
        "series": records.series,
        "slices": records.slices,
        "left_out": records.left_out,
        "failed": records.failed,
    }
    with written_whole(folder / "results.json") as part:
        part.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")


def write_csv(path: Path, records: Sequence[Mapping[str, Any]], fields: Sequence[str] = ()) -> None:
    """Write records as lines, a column for each name that one of them has, and at least for `fields`."""
    names = list(dict.fromkeys([*fields, *(name for record in records for name in record)]))
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in record.items()} for record in records)


def _cell(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value
