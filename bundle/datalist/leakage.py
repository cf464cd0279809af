"""What a test must not have seen in training."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.near_duplicates import near_pairs
from bundle.datalist.schema import Row, row_name

SAME = 0.998
"""Correlation of thumbnails from which on two images show one slice. In CT-ICH (``benchmarks.near_duplicates stacks``)
that of 11 of 1,585 pairs of neighbouring slices, of none of 1.3 million of two patients, and of all copies through JPEG
of quality 30, of half the size, with noise of 10 grey levels, of another level or width, or moved by 2 pixels."""

LISTED = 10_000
"""How many leaks are named; more are only counted."""


class Leak(NamedTuple):
    """Two images that show the same slice, in two sections of a datalist."""

    section: str
    patient: str
    image: str
    other_section: str
    other_patient: str
    other_image: str
    correlation: float


def find_leaks(thumbnails: NDArray[np.int8], part_of: NDArray[np.int64]) -> tuple[int, list[tuple[int, int, float]]]:
    """Find images of different parts of a split that are the same, or nearly so.

    Args:
        thumbnails: as in `bundle.datalist.Fingerprint`, [n, 256].
        part_of: the part of each image, [n].

    Returns:
        The number of pairs; and of no more than `LISTED` of them the indices and the correlation, by index.

    Example:
        >>> thumbnails = 127 * np.eye(2, 256, dtype=np.int8)[[0, 0, 1]]
        >>> find_leaks(thumbnails, part_of=np.array([0, 2, 2]))
        (1, [(0, 1, 1.0)])
    """
    count = 0
    named: list[tuple[int, int, float]] = []
    for first, second, correlation in near_pairs(thumbnails, SAME):
        across = part_of[first] != part_of[second]
        count += int(across.sum())
        pairs = zip(*(each[across].tolist() for each in (first, second, correlation)), strict=True)
        named += list(pairs)[: LISTED - len(named)]
    return count, sorted(named)


def find_same_patients(rows: Sequence[Row], thumbnails: NDArray[np.int8]) -> list[tuple[str, str]]:
    """Return the pairs of patients with an image of the same slice, sorted.

    Args:
        rows: with ``patient``.
        thumbnails: of each, as in `find_leaks`.

    Example:
        >>> thumbnails = 127 * np.eye(2, 256, dtype=np.int8)[[0, 0, 1]]
        >>> find_same_patients([{"patient": "p1"}, {"patient": "p2"}, {"patient": "p3"}], thumbnails)
        [('p1', 'p2')]
    """
    patients, patient_of = np.unique([row["patient"] for row in rows], return_inverse=True)
    found: set[tuple[int, int]] = set()
    for first, second, _ in near_pairs(thumbnails, SAME):
        pairs = np.sort(np.stack([patient_of[first], patient_of[second]]), axis=0)
        found.update(zip(*pairs[:, pairs[0] != pairs[1]].tolist(), strict=True))
    return [(str(patients[one]), str(patients[two])) for one, two in sorted(found)]


def name_leak(rows: Sequence[Row], sections: Sequence[str], leak: tuple[int, int, float]) -> Leak:
    """Return a pair with its images' names.

    Args:
        rows: with ``image``, ``patient`` and perhaps ``slice``.
        sections: the section of each row.
        leak: a pair that `find_leaks` returned.

    Example:
        >>> rows = [{"image": "a.png", "patient": "p1"}, {"image": "b.png", "patient": "p2"}]
        >>> name_leak(rows, ["training", "test"], (0, 1, 0.9991))
        Leak(section='training', patient='p1', image='a.png', other_section='test', other_patient='p2',
             other_image='b.png', correlation=0.9991)
    """
    one, two, correlation = leak
    ends = [(sections[index], rows[index]["patient"], row_name(rows[index])) for index in (one, two)]
    return Leak(*ends[0], *ends[1], round(correlation, 4))


def find_shared_patients(located: Iterable[tuple[str, int, Row]]) -> list[str]:
    """Return a sentence for each patient who is in more than one section of a datalist.

    Args:
        located: section, number and content of each row.

    Example:
        >>> row = {"image": "a.png", "patient": "p1"}
        >>> find_shared_patients([("training", 1, row), ("test", 1, {**row, "image": "b.png"})])
        ["training row 1 (a.png): the patient p1 is also in test row 1 (b.png); keep a patient's rows in one section"]
    """
    held: dict[str, dict[str, str]] = defaultdict(dict)
    for section, number, row in located:
        held[row["patient"]].setdefault(section, f"{section} row {number} ({row_name(row)})")
    return [
        f"{first}: the patient {patient} is also in {' and in '.join(others)}; keep a patient's rows in one section"
        for patient, places in held.items()
        if len(places) > 1
        for first, *others in [places.values()]
    ]
