"""From the rows of a source to a datalist, or to one for each fold."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bundle.datalist.collection import Collection
from bundle.datalist.counts import count_rows
from bundle.datalist.deduplicate import deduplicate_images, find_same_series, name_groups_by_series
from bundle.datalist.leakage import find_leaks, find_same_patients, name_leak
from bundle.datalist.misfits import take_off_misfits
from bundle.datalist.schema import SECTIONS
from bundle.datalist.seen import find_seen, read_seen
from bundle.datalist.split import FRACTIONS, assign_rows, check_fractions, check_plan, gather_sections
from bundle.errors import InputError
from bundle.labels import ANY_INDEX, LABELS

METADATA = Path(__file__).parents[2] / "configs" / "metadata.json"


Leakage = Literal["refuse", "allow", "join", "skip"]
"""What to do where images of two patients show the same slice: keep the patients in one section (join), else find out
after the split and leave the choice to the caller (refuse, allow), or do not read the images of known patients (skip).
"""

PlaceSeen = Literal["training", "anywhere"]
"""Where the patients go whose slices the included weights were trained on: to the training, so that validation and test
say what these weights are worth, and what is trained on from them; or anywhere, for trainings from random weights."""


def build_datalist(
    collection: Collection,
    dataset_dir: Path | str,
    fractions: Sequence[float] = FRACTIONS,
    seed: int = 0,
    name: str | None = None,
    **others: Any,
) -> dict[str, Any]:
    """Return the one datalist that `build_datalists` makes without folds."""
    (content,) = build_datalists(collection, dataset_dir, fractions, seed, name, **others)
    return content


def build_datalists(
    collection: Collection,
    dataset_dir: Path | str,
    fractions: Sequence[float] = FRACTIONS,
    seed: int = 0,
    name: str | None = None,
    folds: int | None = None,
    leakage: Leakage = "refuse",
    options: Mapping[str, Any] | None = None,
    place_seen: PlaceSeen = "training",
) -> list[dict[str, Any]]:
    """Compare the images, split the rows by patient, and add counts and provenance.

    What cannot be read, contradicts or repeats another image is moved from the collection's rows to its ``skipped``;
    rows without a patient get their group of near-duplicate images as one, and masks of another size than their image
    are taken off. Patients with an identical image are one person, and stay in one section; so do such groups that
    have a study or series in common. Images that show the same slice and still are in two sections come into the
    collection's ``leaks``; whether to go on is then the caller's choice.

    Args:
        collection: the rows of a source.
        dataset_dir: folder to which the images are relative.
        fractions: of the slices for training, validation and test; with `folds`, the test's alone counts.
        seed: of the split.
        name: of the datalist; the source's when None.
        folds: number of datalists, of which number k has fold k for validation and the other folds for training; the
            test is the same in all. None for a single datalist.
        leakage: as `Leakage` says.
        options: of the source, for the provenance.
        place_seen: as `PlaceSeen` says.

    Raises:
        InputError: when no row is left, or as `check_plan`, `assign_rows` and `read_seen` say.
    """
    shares = check_plan(fractions, folds, seed)
    training_slices = read_seen()
    # Also of slices that cannot be read.
    named = find_seen(collection.rows, training_slices).tolist()
    known = {row.get("patient") for row, by_name in zip(collection.rows, named, strict=True) if by_name}
    thumbnails, persons = deduplicate_images(collection, Path(dataset_dir), known=leakage != "skip")
    if not collection.rows:
        problem = f"holds no usable image of {len(collection.skipped)}"
        if collection.skipped:
            problem += ", the first being {}: {}".format(*collection.skipped[0])
        raise InputError(problem, "see why each was skipped", dataset_dir)
    take_off_misfits(collection, Path(dataset_dir))
    rows = collection.rows
    of_series = find_same_series(rows)
    persons += of_series
    rows = name_groups_by_series(rows, of_series)
    if leakage == "join":
        persons += find_same_patients(rows, thumbnails)
    if persons:
        sharing = len({patient for pair in persons for patient in pair})
        collection.notes.append(
            f"{sharing} patients share images or a series with another patient, and are kept in the same section"
        )
    if unnamed := sum(row["label"][-1] == 1 and 1 not in row["label"][:-1] for row in rows):
        collection.notes.append(f"{unnamed} slices have a hemorrhage of unknown subtype")
    seen = find_seen(rows, training_slices, thumbnails)
    rows = [{**row, "seen": True} if mark else row for row, mark in zip(rows, seen.tolist(), strict=True)]
    if seen.any():
        collection.notes.append(_note_of_seen(int(seen.sum()), len(rows), place_seen))
    fixed = seen | np.array([row["patient"] in known for row in rows])
    part_of = assign_rows(
        rows,
        shares,
        seed,
        persons,
        fixed=fixed if place_seen == "training" else None,
        fixed_part=0 if folds is None else len(shares),
    )
    views: list[tuple[str, ...]]
    if folds is None:
        parts, views = list(SECTIONS), [SECTIONS]
    else:
        parts = [*(f"fold {fold}" for fold in range(folds)), "test", "training"]
        views = [_view(fold, folds) for fold in range(folds)]
    bleeds = np.array([(row.get("study_label") or row["label"])[ANY_INDEX] == 1 for row in rows])
    lacking = [part for index, part in enumerate(parts) if index in part_of and not bleeds[part_of == index].any()]
    if bleeds.any() and lacking:
        collection.notes.append(f"there is no hemorrhage in {' and '.join(lacking)}: too few patients have one")
    if leakage != "skip":
        collection.leak_count, leaks = find_leaks(thumbnails, part_of)
        sections = [parts[part] for part in part_of.tolist()]
        collection.leaks = [name_leak(rows, sections, leak) for leak in leaks]
    provenance = {
        "version": bundle_version(),
        "seed": seed,
        "fractions": check_fractions(fractions).tolist(),
        "leakage": leakage,
        "leaks": None if leakage == "skip" else collection.leak_count,
        "skipped": len(collection.skipped),
        "seen": {"slices": int(seen.sum()), "place": place_seen},
        "options": dict(options or {}),
    }
    values = collection.mask_values if any("mask" in row for row in rows) else {}
    contents = []
    for fold, view in enumerate(views):
        members = gather_sections(rows, part_of, view)
        content: dict[str, Any] = {
            "name": collection.source if name is None else str(name),
            "source": collection.source,
            "labels": list(LABELS),
            **({"mask_values": {str(key): name for key, name in values.items()}} if values else {}),
            "counts": {section: count_rows(members[section]) for section in SECTIONS},
            "provenance": provenance if folds is None else {**provenance, "folds": folds, "fold": fold},
            **members,
        }
        contents.append(content)
    return contents


def _view(fold: int, folds: int) -> tuple[str, ...]:
    """Return the section to which each part belongs, where `fold` is for validation."""
    return (*("validation" if other == fold else "training" for other in range(folds)), "test", "training")


def _note_of_seen(seen: int, slices: int, place: PlaceSeen) -> str:
    where = "their patients are in the training section" if place == "training" else "they are in any section"
    return f"the included weights were trained on {seen} of these {slices} slices; {where} (--seen {place})"


def bundle_version() -> str:
    """Return the version of this bundle, "" where its metadata is not there.

    Example:
        >>> len(bundle_version().split("."))
        3
    """
    return json.loads(METADATA.read_text(encoding="utf-8"))["version"] if METADATA.is_file() else ""
