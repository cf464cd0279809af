"""What a datalist holds, and what is wrong with one that does not.

A datalist is ``{"name", "source", "labels", "mask_values"?, "counts"?, "provenance"?, "training", "validation",
"test"}``, where ``mask_values`` is as `bundle.datalist.mask_values` says; each section is a list of rows, one a slice:

============  ==============  ======================================================================================
key           type            meaning
============  ==============  ======================================================================================
image         str             file relative to the dataset's folder, with ``/`` between folders
slice         int, optional   index along the last axis where the file is a volume
label         six values      1, 0 or null for unknown, in the order of `bundle.labels.LABELS`
patient       str             pseudonym of the patient, or of a group of near-duplicate images where no id survived
study         str, optional   Study Instance UID (0020,000D)
series        str, optional   Series Instance UID (0020,000E)
position      float, opt.     mm along the normal of the slice
age           float, opt.     years
sex           str, optional   M, F or O
site          str, optional   hospital or dataset
manufacturer  str, optional   of the scanner
mask          str, optional   file of the outlined bleeds, relative as ``image`` and with the same slices
clinical      dict, optional  further clinical features, a number or a text by name, see `bundle.clinical`
study_label   six values, o.  what was read of the whole study; never a slice's label, nor is a slice's label it
seen          true, optional  where the included weights were trained on the slice, see `bundle.datalist.seen`
============  ==============  ======================================================================================
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bundle.clinical import find_clinical_problems
from bundle.datalist.mask_values import find_mask_value_problems
from bundle.labels import LABELS, check_label

Row = dict[str, Any]

SECTIONS = ("training", "validation", "test")
REQUIRED_KEYS = ("image", "label", "patient")
TEXT_KEYS = ("study", "series", "sex", "site", "manufacturer")
NUMBER_KEYS = ("position", "age")
PATH_KEYS = ("image", "mask")
LABEL_KEYS = ("label", "study_label")
ROW_KEYS = (
    "image",
    "slice",
    "label",
    "patient",
    *TEXT_KEYS[:2],
    *NUMBER_KEYS,
    *TEXT_KEYS[2:],
    "mask",
    "clinical",
    "study_label",
    "seen",
)
FILE_KEYS = ("name", "source", "labels", "mask_values", "counts", "provenance", *SECTIONS)


def row_key(row: Row) -> tuple[str, int]:
    """Return by what rows are sorted: image and slice.

    Example:
        >>> row_key({"image": "head.nii.gz", "slice": 12})
        ('head.nii.gz', 12)
    """
    return row["image"], row.get("slice") or 0


def row_name(row: Row) -> str:
    """Return how a row is named in a sentence: by its image, and the slice of a volume.

    Example:
        >>> row_name({"image": "head.nii.gz", "slice": 12})
        'head.nii.gz slice 12'
    """
    return row["image"] if row.get("slice") is None else f"{row['image']} slice {row['slice']}"


def with_slices(rows: Sequence[Row]) -> list[Row]:
    """Return rows that all name a slice if one does, as a section needs it: an image of one slice has slice 0.

    Example:
        >>> with_slices([{"image": "head.nii.gz", "slice": 12}, {"image": "a.png"}])[1]
        {'image': 'a.png', 'slice': 0}
    """
    if all(row.get("slice") is None for row in rows):
        return list(rows)
    return [row if row.get("slice") is not None else {**row, "slice": 0} for row in rows]


def find_problems(content: object) -> Iterator[str]:
    """Yield what is wrong with a parsed datalist, each with its section, row (counted from 1) and remedy.

    Example:
        >>> next(find_problems({"labels": list(LABELS), "source": "rsna"}))
        "it needs a text under 'name'"
    """
    if not isinstance(content, dict):
        yield f"it holds a {type(content).__name__}, not an object with the keys {', '.join(FILE_KEYS)}"
        return
    if content.get("labels") != list(LABELS):
        yield f"its labels are {content.get('labels')}; write {list(LABELS)}"
    for key in ("name", "source"):
        if not isinstance(content.get(key), str):
            yield f"it needs a text under {key!r}"
    yield from find_mask_value_problems(content.get("mask_values", {}))
    for key in content.keys() - set(FILE_KEYS):
        yield f"it has the unknown key {key!r}; known are {', '.join(FILE_KEYS)}"
    seen: dict[tuple[str, object], str] = {}
    for section in SECTIONS:
        rows = content.get(section)
        if not isinstance(rows, list):
            yield f"it needs a list of rows under {section!r}, which may be empty"
            continue
        sliced = any(isinstance(row, dict) and row.get("slice") is not None for row in rows)
        for number, row in enumerate(rows, start=1):
            where = f"{section} row {number}"
            problems = list(find_row_problems(row))
            if not problems and sliced and row.get("slice") is None:
                problems = ["it names no slice where other rows of the section do; give it slice 0"]
            if not problems:
                first = seen.setdefault((row["image"], row.get("slice")), where)
                if first != where:
                    problems = [f"it repeats {first}; remove one of them"]
            image = f" ({row['image']})" if isinstance(row, dict) and isinstance(row.get("image"), str) else ""
            yield from (f"{where}{image}: {problem}" for problem in problems)


def locate_rows(content: Any) -> Iterator[tuple[str, int, Row]]:
    """Yield section, number (counted from 1) and content of each row that nothing is wrong with by itself."""
    for section in SECTIONS if isinstance(content, dict) else ():
        rows = content.get(section)
        for number, row in enumerate(rows if isinstance(rows, list) else (), start=1):
            if not any(find_row_problems(row)):
                yield section, number, row


def find_row_problems(row: object) -> Iterator[str]:
    """Yield what is wrong with a row by itself, and how to mend it.

    Example:
        >>> list(find_row_problems({"image": "a.png", "label": [0] * 6}))
        ["it lacks 'patient'; add it"]
    """
    if not isinstance(row, dict):
        yield f"a row is an object with the keys {', '.join(ROW_KEYS)}, got {row!r}"
        return
    for key in row:
        if key not in ROW_KEYS:
            yield f"unknown key {key!r}; known are {', '.join(ROW_KEYS)}"
    for key in REQUIRED_KEYS:
        if row.get(key) is None:
            yield f"it lacks {key!r}; add it"
    yield from _find_value_problems({key: value for key, value in row.items() if value is not None})


def _find_value_problems(row: Mapping[str, Any]) -> Iterator[str]:
    for key in ("patient", *PATH_KEYS):
        if key in row and (not isinstance(row[key], str) or not row[key]):
            yield f"{key!r} must be a text that is not empty, got {row[key]!r}"
    for key in PATH_KEYS:
        path = row.get(key)
        if isinstance(path, str) and (
            path.startswith("/") or "\\" in path or path[1:2] == ":" or ".." in path.split("/")
        ):
            yield f"{key!r} must be relative to dataset_dir, inside it and with / between folders; rewrite it"
    index = row.get("slice", 0)
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        yield f"'slice' must be an index from 0 on, got {index!r}"
    for key in TEXT_KEYS:
        if not isinstance(row.get(key, ""), str):
            yield f"{key!r} must be a text, got {row[key]!r}"
    for key in NUMBER_KEYS:
        value = row.get(key, 0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            yield f"{key!r} must be a finite number, got {value!r}"
    if not isinstance(row.get("seen", True), bool):
        yield f"'seen' must be true or false, got {row['seen']!r}"
    if "clinical" in row:
        yield from find_clinical_problems(row["clinical"])
    for key in LABEL_KEYS:
        if key in row and not isinstance(row[key], list):
            yield f"{key!r} must be a list of {len(LABELS)} values, got {row[key]!r}"
        elif key in row:
            try:
                check_label(row[key])
            except ValueError as error:
                yield str(error)
