"""What split an evaluation is of, and whether all of it was scored, and nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from bundle.datalist import SECTIONS, Row, check_section, count_rows, find_seen, find_trained, read_datalist, read_seen
from bundle.errors import InputError
from bundle.labels import check_label
from bundle.predictions import Predictions


def describe_split(
    datalist: Path | str, section: str, predictions: Predictions, trained_on: Sequence[Row] | None = None
) -> dict[str, Any]:
    """Return what the datalist says of the evaluated split.

    A slice is found by the end of its image's path, so that predictions from another machine are found too.

    Args:
        datalist: the JSON file.
        section: which of its sections was evaluated.
        predictions: of that section.
        trained_on: rows with which the evaluated checkpoint was trained, None where they are not known.

    Returns:
        ``{"name", "source", "section", "counts", "missing", "elsewhere", "unlisted", "relabelled", "seen",
        "trained"}``: of the datalist, the counts of each of its sections (see `bundle.datalist.count_rows`); how many
        slices of the section have no line in the predictions; how many lines are of a slice of another section, how
        many of one in none, and how many contradict a label that the datalist knows; on how many slices of the section
        the included weights were trained, None where `scripts.prepare` did not look for them and their names do not
        tell either; and how many are of the training of the checkpoint itself, see `bundle.datalist.find_trained`.

    Raises:
        InputError: when the datalist cannot be read, has no such section, or no slice of it has a line.
    """
    check_section(section)
    content = read_datalist(datalist)
    missing, lines = 0, {"elsewhere": 0, "unlisted": 0, "relabelled": 0}
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
        lines = _compare_lines(content, section, predictions)
    seen = int(find_seen(content[section], read_seen()).sum())
    trained = None if trained_on is None else int(find_trained(content[section], trained_on).sum())
    return {
        "name": content["name"],
        "source": content["source"],
        "section": section,
        "counts": {name: count_rows(content[name]) for name in SECTIONS},
        "missing": missing,
        **lines,
        "seen": seen if seen or "seen" in content.get("provenance", {}) else None,
        "trained": trained,
    }


def _compare_lines(content: Mapping[str, Any], section: str, predictions: Predictions) -> dict[str, int]:
    rows = {
        (row["image"], str(row.get("slice", ""))): (name, check_label(row["label"]))
        for name in SECTIONS
        for row in content[name]
    }
    images = predictions.details["image"]
    slices = predictions.details.get("slice", ("",) * len(images))
    counts = {"elsewhere": 0, "unlisted": 0, "relabelled": 0}
    for image, slice_, told in zip(images, slices, predictions.labels.tolist(), strict=True):
        # The longest first, for a name alone may be that of another folder's image.
        found = next((rows[ending, slice_] for ending in _endings(image) if (ending, slice_) in rows), None)
        if found is None:
            counts["unlisted"] += 1
            continue
        of_section, label = found
        counts["elsewhere"] += of_section != section
        counts["relabelled"] += any({value, other} == {0, 1} for value, other in zip(label, told, strict=True))
    return counts


def _endings(image: str) -> list[str]:
    parts = PurePosixPath(image.replace("\\", "/")).parts
    return ["/".join(parts[start:]) for start in range(len(parts))]
