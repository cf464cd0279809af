"""What was labelled on the server, as rows of a datalist.

A label is a JSON file, saved with ``PUT /datastore/label`` under the tag *final*: an object with one or more of the
names of `bundle.labels.LABELS`, each 1, 0 or null, as ``{"subdural": 1}`` or ``{"any": 0}``; what is not named is
unknown. The slices of a volume are labelled by their index, from inferior to superior:
``{"slices": {"12": {"subdural": 1}, "20": {"any": 0}}}``. ``"patient"``, where given, is a pseudonym: slices of one
patient are not split.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bundle.datalist import Collection, Row
from bundle.errors import InputError
from bundle.labels import LABELS, Label, check_label

LEAST = 5
"""Labelled slices with a hemorrhage, and as many without, from which a training starts."""


def collect_labelled(images: Sequence[dict[str, str]], folder: Path) -> Collection:
    """Return the labelled slices.

    Args:
        images: ``{"image", "label"}``, paths as MONAI Label's datastore lists them.
        folder: to which the images of the rows are relative.

    Raises:
        InputError: when a label cannot be understood, or there are fewer than `LEAST` slices with or without a
            hemorrhage.
    """
    rows = [row for entry in images for row in _rows(Path(entry["image"]), Path(entry["label"]), folder)]
    bleeds, normal = (sum(row["label"][-1] == value for row in rows) for value in (1, 0))
    if min(bleeds, normal) < LEAST:
        raise InputError(
            f"{bleeds} labelled slices have a hemorrhage and {normal} have none",
            f"label at least {LEAST} of each before training",
        )
    if any("slice" in row for row in rows):
        rows = [{"slice": 0, **row} for row in rows]
    return Collection("monai_label", rows)


def _rows(image: Path, file: Path, folder: Path) -> list[Row]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("is no JSON", 'save a label as {"any": 0} or {"subdural": 1}', file) from error
    content = content if isinstance(content, dict) else {}
    patient = {"patient": str(content.pop("patient"))} if "patient" in content else {}
    common = {"image": image.relative_to(folder).as_posix(), **patient}
    if "slices" not in content:
        return [{**common, "label": _label(content, file)}]
    slices = content["slices"]
    if not isinstance(slices, dict) or not all(index.isdecimal() for index in slices):
        raise InputError(f"has slices {slices!r}", 'name each by its index, as {"slices": {"12": {"any": 0}}}', file)
    return [{**common, "slice": int(index), "label": _label(one, file)} for index, one in slices.items()]


def _label(values: Any, file: Path) -> Label:
    if not isinstance(values, dict) or not values or not values.keys() <= set(LABELS):
        raise InputError(f"has the label {values!r}", f"give 1, 0 or null for any of {', '.join(LABELS)}", file)
    try:
        return check_label([values.get(name) for name in LABELS])
    except ValueError as error:
        raise InputError(f"has no usable label ({error})", "correct the label", file) from error
