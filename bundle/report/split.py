"""What split an evaluation is of, and whether all of it was scored."""

from pathlib import Path, PurePosixPath
from typing import Any

from bundle.datalist import SECTIONS, check_section, count_rows, find_seen, read_datalist, read_seen
from bundle.errors import InputError
from bundle.predictions import Predictions


def describe_split(datalist: Path | str, section: str, predictions: Predictions) -> dict[str, Any]:
    """Return what the datalist says of the evaluated split.

    A slice is found by the end of its image's path, so that predictions from another machine are found too.

    Args:
        datalist: the JSON file.
        section: which of its sections was evaluated.
        predictions: of that section.

    Returns:
        ``{"name", "source", "section", "counts", "missing", "seen"}``: of the datalist, the counts of each of its
        sections (see `bundle.datalist.count_rows`), how many slices of the section have no line in the predictions, and
        on how many the included weights were trained, None where `scripts.prepare` did not look for them and their
        names do not tell either.

    Raises:
        InputError: when the datalist cannot be read, has no such section, or no slice of it has a line.
    """
    check_section(section)
    content = read_datalist(datalist)
    missing = 0
    if "image" in predictions.details:
        slices = predictions.details.get("slice", ("",) * len(predictions.lines))
        scored = {
            (ending, slice_)
            for image, slice_ in zip(predictions.details["image"], slices, strict=True)
            for ending in _endings(image)
        }
        missing = sum((row["image"], str(row.get("slice", ""))) not in scored for row in content[section])
        if missing == len(content[section]):
            raise InputError(
                f"has no slice in the section {section} with a line in predictions.csv",
                "name the datalist and section that were evaluated",
                datalist,
            )
    seen = int(find_seen(content[section], read_seen()).sum())
    return {
        "name": content["name"],
        "source": content["source"],
        "section": section,
        "counts": {name: count_rows(content[name]) for name in SECTIONS},
        "missing": missing,
        "seen": seen if seen or "seen" in content.get("provenance", {}) else None,
    }


def _endings(image: str) -> list[str]:
    parts = PurePosixPath(image.replace("\\", "/")).parts
    return ["/".join(parts[start:]) for start in range(len(parts))]
