"""Unusable and repeated images taken out of a dataset before it is split."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.collection import Collection, Skipped
from bundle.datalist.duplicates import Repeat, find_repeats, with_labels_of_repeats
from bundle.datalist.near_duplicates import find_groups
from bundle.datalist.read_pixels import read_pixels
from bundle.datalist.schema import Row, row_key, row_name
from bundle.datalist.split import join_persons
from bundle.files import display_name

_GROUP = "group-"
_UID = re.compile(r"[0-9.]{20,64}")
"""No two studies or series have the same one (DICOM PS3.5, 9)."""


def is_group(patient: str) -> bool:
    """Return whether a patient is but a group of near-duplicate images, whose number is that of one preparation."""
    return patient.rpartition("/")[2].startswith(_GROUP)


class Deduplication(NamedTuple):
    """What was found in a collection's images."""

    thumbnails: NDArray[np.int8]
    """Of the rows that were read, which come first in the collection, [n, 256]."""
    persons: list[tuple[str, str]]
    """Pairs of patients with an identical image that is not empty: one person under two pseudonyms."""


def deduplicate_images(collection: Collection, dataset_dir: Path, known: bool) -> Deduplication:
    """Take unusable and repeated images out of a collection, and give a patient to the rows that have none.

    Args:
        collection: its rows are sorted; those taken out come into ``skipped``, and what was done into ``notes``.
        dataset_dir: folder to which the images are relative.
        known: whether to read the images of known patients too.
    """
    rows = sorted(_with_names(collection), key=row_key)
    unread = [] if known else [row for row in rows if row.get("patient")]
    rows = rows if known else [row for row in rows if not row.get("patient")]
    digests, thumbnails, problems = read_pixels(rows, dataset_dir)
    repeats = find_repeats(rows, digests)
    reasons = problems | {index: repeat.reason for index, repeat in repeats.items()}
    collection.skipped += [Skipped(row_name(rows[index]), reason) for index, reason in sorted(reasons.items())]
    collection.notes += _notes_of(repeats)
    persons = {
        (rows[index]["patient"], rows[repeat.other]["patient"])
        for index, repeat in repeats.items()
        if rows[index].get("patient") and rows[repeat.other].get("patient") and thumbnails[index].any()
    }
    kept = [index for index in range(len(rows)) if index not in reasons]
    told = with_labels_of_repeats(rows, repeats)
    rows, thumbnails = [told[index] for index in kept], thumbnails[kept]
    collection.rows = _name_groups(collection, rows, thumbnails) + unread
    return Deduplication(thumbnails, sorted(pair for pair in persons if pair[0] != pair[1]))


def _with_names(collection: Collection) -> list[Row]:
    """Return the rows but those whose image has a name that JSON cannot hold."""
    unnamed = [row for row in collection.rows if display_name(row["image"]) != row["image"]]
    reason = "has a name that is no UTF-8, as a datalist is; rename it"
    collection.skipped += [Skipped(row_name(row), reason) for row in unnamed]
    return [row for row in collection.rows if row not in unnamed] if unnamed else collection.rows


def _notes_of(repeats: dict[int, Repeat]) -> list[str]:
    contradicting = sum(repeat.contradicts for repeat in repeats.values())
    notes = []
    if repeated := len(repeats) - contradicting:
        notes.append(f"{repeated} images are copies of another image, which is kept once, with what their labels say")
    if contradicting:
        notes.append(f"{contradicting} images have identical pixels but contradictory labels, and none is kept")
    return notes


def _name_groups(collection: Collection, rows: list[Row], thumbnails: NDArray[np.int8]) -> list[Row]:
    """Return the rows with the group of near-duplicate images for a patient where there was none."""
    unknown = [index for index, row in enumerate(rows) if not row.get("patient")]
    if not unknown:
        return rows
    groups = find_groups(thumbnails[unknown]).tolist()
    sizes = [size for _, size in Counter(groups).most_common()]
    largest = ", ".join(str(size) for size in sizes[:5] if size > 1)
    collection.notes.append(
        f"{len(unknown)} images have no patient; near-duplicates count as one patient: {len(sizes)} groups"
        + (f", the largest of {largest} images" if largest else "")
    )
    named = list(rows)
    for index, group in zip(unknown, groups, strict=True):
        named[index] = {**rows[index], "patient": f"{_GROUP}{group:06d}"}
    return named


def find_same_series(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return pairs of patients who share a study or series, and so are one person.

    Of patients who are all known only a UID says so, for a hospital's own names of series may come again.

    Args:
        rows: with ``patient``, as `deduplicate_images` leaves them; also of several data sets.

    Example:
        >>> rows = [{"patient": name, "series": "s1"} for name in ("group-000001", "rsna/group-000000", "p1")]
        >>> find_same_series([*rows, {"patient": "p2", "series": "s2"}, {"patient": "p3", "series": "s2"}])
        [('group-000001', 'p1'), ('group-000001', 'rsna/group-000000')]
        >>> uid = "1.2.840.113619.2.5.1762583153"
        >>> find_same_series([{"patient": "Ann", "series": uid}, {"patient": "ann", "series": uid}])
        [('Ann', 'ann')]
    """
    patients: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        for key in ("study", "series"):
            if row.get(key):
                patients[key, row[key]].add(row["patient"])
    pairs: set[tuple[str, str]] = set()
    for (_, value), names in patients.items():
        first, *others = sorted(names)
        if _UID.fullmatch(value) or any(map(is_group, names)):
            pairs.update((first, other) for other in others)
    return sorted(pairs)


def name_groups_by_series(rows: Sequence[Row], pairs: Sequence[tuple[str, str]]) -> list[Row]:
    """Return the rows with one patient for all groups of near-duplicate images that are one person: a known one first.

    Args:
        rows: see `find_same_series`.
        pairs: what it returned.

    Example:
        >>> rows = [{"patient": "group-000000"}, {"patient": "group-000004"}, {"patient": "p1"}]
        >>> name_groups_by_series(rows, [("group-000000", "group-000004")])
        [{'patient': 'group-000000'}, {'patient': 'group-000000'}, {'patient': 'p1'}]
        >>> name_groups_by_series(rows, [("group-000004", "p1")])
        [{'patient': 'group-000000'}, {'patient': 'p1'}, {'patient': 'p1'}]
    """
    persons: defaultdict[str, list[str]] = defaultdict(list)
    first_of = join_persons(pairs)
    for patient, first in first_of.items():
        persons[first].append(patient)
    name_of = {first: min(patients, key=lambda each: (is_group(each), each)) for first, patients in persons.items()}
    return [
        {**row, "patient": name_of[first_of[row["patient"]]]}
        if is_group(row["patient"]) and row["patient"] in first_of
        else row
        for row in rows
    ]
