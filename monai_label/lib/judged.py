"""What the gate says of an image that the server was asked about."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bundle.datalist import Row
from bundle.errors import InputError
from bundle.gate import Outcome
from bundle.sources.unlabelled import find_images


class Judged(NamedTuple):
    """A head, as the gate sees it."""

    judgement: Mapping[str, str]
    """"kind", "outcome" and "reason"."""
    rows: Sequence[Row]
    """Of its slices, from inferior to superior."""
    rejected: Sequence[Row]
    """What lies beside them, see `find_images`."""


def judge(path: Path | str) -> Judged:
    """Return what the gate says of an image, a file or the folder of a series.

    Raises:
        InputError: when it is not scored, or is more than one series.
    """
    rows, rejected = find_images(path, all_series=True)
    if not rows:
        entry = rejected[0]
        problem = f"is left out ({entry['kind']}): {entry['reason']}" if "kind" in entry else entry["reason"]
        raise InputError(problem, file=path)
    parts = list(dict.fromkeys(" ".join(filter(None, (row["series"], row["part"]))) for row in rows))
    if len(parts) > 1:
        raise InputError(f"holds {len(parts)} series ({', '.join(parts)})", "ask for one at a time", path)
    row = max(rows, key=lambda row: row["outcome"] == Outcome.CAUTION)
    return Judged({name: row[name] for name in ("kind", "outcome", "reason")}, rows, rejected)
