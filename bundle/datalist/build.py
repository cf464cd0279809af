"""From the rows of a source to a datalist, or to one for each fold."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.counts import count_rows
from bundle.datalist.duplicates import find_repeats
from bundle.datalist.leakage import Leak, find_leaks, name_leak
from bundle.datalist.near_duplicates import find_groups
from bundle.datalist.read_pixels import read_pixels
from bundle.datalist.schema import SECTIONS, Row, row_key, row_name
from bundle.datalist.split import FRACTIONS, assign_rows, check_fractions, check_plan, gather_sections
from bundle.errors import InputError
from bundle.labels import LABELS

METADATA = Path(__file__).parents[2] / "configs" / "metadata.json"


class Skipped(NamedTuple):
    """An image that was left out, and why."""

    image: str
    reason: str

    @classmethod
    def from_error(cls, image: str, file: Path, error: InputError) -> "Skipped":
        """Take the reason from the error that reading `file` raised, without the path that begins its sentence."""
        return cls(image, str(error).removeprefix(f"{file} "))


@dataclass
class Collection:
    """What a source found in a dataset.

    Attributes:
        source: name of the source.
        rows: rows as in `bundle.datalist.schema`; ``patient`` may be missing.
        skipped: what it left out.
        notes: sentences worth telling.
        leaks: pairs of images that show the same slice in two sections; `build_datalists` fills it.
        leak_count: number of such pairs, of which `leaks` names at most 10,000.
    """

    source: str
    rows: list[Row]
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    leak_count: int = 0


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
    pixels: bool = True,
    provenance: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Compare the images, split the rows by patient, and add counts and provenance.

    What cannot be read, contradicts or repeats another image is moved from the collection's rows to its ``skipped``;
    rows without a patient get their group of near-duplicate images as one. Images that show the same slice and still
    are in two sections, as of a person with two pseudonyms, come into its ``leaks``: whether to go on is the caller's
    choice.

    Args:
        collection: the rows of a source.
        dataset_dir: folder to which the images are relative.
        fractions: of the slices for training, validation and test; with `folds`, the test's alone counts.
        seed: of the split.
        name: of the datalist; the source's when None.
        folds: number of datalists, of which number k has fold k for validation and the other folds for training; the
            test is the same in all. None for a single datalist.
        pixels: whether to read all images; otherwise those without a patient alone.
        provenance: what else to write under ``provenance``.

    Raises:
        InputError: when no row is left, or as `check_plan` and `assign_rows` say.
    """
    shares = check_plan(fractions, folds, seed)
    thumbnails = _compare(collection, Path(dataset_dir), pixels)
    if not collection.rows:
        raise InputError(f"{dataset_dir} holds no usable image of {len(collection.skipped)}; see why each was skipped")
    part_of = assign_rows(collection.rows, shares, seed)
    views: list[tuple[str, ...]]
    if folds is None:
        parts, views = list(SECTIONS), [SECTIONS]
    else:
        parts = [*(f"fold {fold}" for fold in range(folds)), "test"]
        views = [_view(fold, folds) for fold in range(folds)]
    if pixels:
        collection.leak_count, named = find_leaks(thumbnails, part_of)
        sections = [parts[part] for part in part_of.tolist()]
        collection.leaks = [name_leak(collection.rows, sections, leak) for leak in named]
    origin = {
        "seed": seed,
        "fractions": check_fractions(fractions).tolist(),
        "skipped": len(collection.skipped),
        "leaks": collection.leak_count if pixels else None,
        **(provenance or {}),
        "version": bundle_version(),
    }
    contents = []
    for fold, view in enumerate(views):
        rows = gather_sections(collection.rows, part_of, view)
        content: dict[str, Any] = {
            "name": collection.source if name is None else str(name),
            "source": collection.source,
            "labels": list(LABELS),
            "counts": {section: count_rows(rows[section]) for section in SECTIONS},
            "provenance": origin if folds is None else {"folds": folds, "fold": fold, **origin},
            **rows,
        }
        contents.append(content)
    return contents


def _view(fold: int, folds: int) -> tuple[str, ...]:
    """Return the section to which each part belongs, where `fold` is for validation."""
    return (*("validation" if other == fold else "training" for other in range(folds)), "test")


def bundle_version() -> str:
    """Return the version of this bundle, "" where its metadata is not there."""
    return json.loads(METADATA.read_text(encoding="utf-8"))["version"] if METADATA.is_file() else ""


def _compare(collection: Collection, dataset_dir: Path, pixels: bool) -> NDArray[np.int8]:
    """Take out unusable and repeated images, and name the unknown patients; return the thumbnails of those read.

    Rows that were not read come last in the collection.
    """
    rows = sorted(collection.rows, key=row_key)
    unread = [] if pixels else [row for row in rows if row.get("patient")]
    rows = rows if pixels else [row for row in rows if not row.get("patient")]
    digests, thumbnails, problems = read_pixels(rows, dataset_dir)
    readable = [index for index in range(len(rows)) if index not in problems]
    repeats = find_repeats([rows[index] for index in readable], [digests[index] for index in readable])
    reasons = problems | {readable[index]: repeat.reason for index, repeat in repeats.items()}
    collection.skipped += [Skipped(row_name(rows[index]), reason) for index, reason in sorted(reasons.items())]
    kept = [index for index in range(len(rows)) if index not in reasons]
    rows, thumbnails = [rows[index] for index in kept], thumbnails[kept]
    collection.rows = _name_groups(collection, rows, thumbnails) + unread
    return thumbnails


def _name_groups(collection: Collection, rows: list[Row], thumbnails: NDArray[np.int8]) -> list[Row]:
    """Return the rows with the group of near-duplicate images for a patient where there was none."""
    unknown = [index for index, row in enumerate(rows) if not row.get("patient")]
    if not unknown:
        return rows
    groups = find_groups(thumbnails[unknown]).tolist()
    sizes = [size for _, size in Counter(groups).most_common()]
    largest = ", ".join(str(size) for size in sizes[:5] if size > 1)
    collection.notes.append(
        f"{len(unknown)} images name no patient; near-duplicates taken for one patient's give {len(sizes)} groups"
        + (f", the largest of {largest} images" if largest else "")
    )
    named = list(rows)
    for index, group in zip(unknown, groups, strict=True):
        named[index] = {**rows[index], "patient": f"group-{group:06d}"}
    return named
