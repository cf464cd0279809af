"""What the gate says of an image that the server was asked about."""

from pathlib import Path

from bundle.datalist import Row
from bundle.errors import InputError
from bundle.gate import Outcome
from bundle.sources.unlabelled import find_images


def judge(path: Path | str) -> tuple[dict[str, str], list[Row]]:
    """Return "kind", "outcome" and "reason" of an image, a file or the folder of a series, and the rows of its slices.

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
    return {name: row[name] for name in ("kind", "outcome", "reason")}, rows
