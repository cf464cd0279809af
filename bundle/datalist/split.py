"""Training, validation and test, without a patient in two of them."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.schema import SECTIONS, Row, row_key
from bundle.errors import InputError
from bundle.labels import ANY_INDEX, LABELS, Label

FRACTIONS = (0.8, 0.1, 0.1)
"""The paper's 80 % for training; its 20 % halved, so that what chooses the model does not judge it."""


def split_rows(rows: Sequence[Row], fractions: Sequence[float] = FRACTIONS, seed: int = 0) -> dict[str, list[Row]]:
    """Split rows by patient into training, validation and test, as `assign_rows` says.

    Returns:
        The rows of each section, by image.

    Raises:
        InputError: as `check_plan` and `assign_rows`.

    Example:
        >>> rows = [{"image": f"{name}.png", "patient": name, "label": [0] * 6} for name in "abcdefghij"]
        >>> {section: len(members) for section, members in split_rows(rows).items()}
        {'training': 8, 'validation': 1, 'test': 1}
    """
    part_of = assign_rows(rows, check_plan(fractions, None, seed), seed)
    return gather_sections(rows, part_of, SECTIONS)


def assign_rows(
    rows: Sequence[Row],
    shares: NDArray[np.float64],
    seed: int = 0,
    persons: Iterable[tuple[str, str]] = (),
    fixed: NDArray[np.bool_] | None = None,
    fixed_part: int = 0,
) -> NDArray[np.int64]:
    """Assign rows to parts by patient, with about the same share of each label in every part.

    Greedy stratification: patients come in the order of the greatest share of any label's slices that they hold, and
    each goes where it brings the shares of all labels and of the slices closest to the wanted ones (χ² distance); so
    the patients with the rarest labels are placed first. A label of one or two patients is in the largest part alone.
    The order of the rows does not matter.

    Args:
        rows: with ``image``, ``patient`` and ``label``, and perhaps ``study_label``, which counts where a slice's own
            is unknown.
        shares: of the slices for each part, [parts]; 0 leaves a part empty.
        seed: of the order among patients who are equally good to place next.
        persons: pairs of patients who are one person, and go to one part.
        fixed: rows whose patients go to `fixed_part`, [n]; the others fill what is missing.
        fixed_part: a part, or the number after the last for one of its own, without a share.

    Returns:
        The part of each row, [n].

    Raises:
        InputError: when there are fewer patients to choose from than parts.
    """
    person_of = join_persons(persons)
    names = [person_of.get(patient, patient) for patient in (str(row["patient"]) for row in rows)]
    patients, patient_of = np.unique(names, return_inverse=True)
    part_of = np.full(len(patients), -1, dtype=np.int64)
    if fixed is not None:
        part_of[patient_of[fixed]] = fixed_part
    free = int((part_of < 0).sum())
    wanted = int((shares > 0).sum()) - bool(free < len(patients) and shares[fixed_part : fixed_part + 1].any())
    if free < wanted:
        others = ", beside those that the included weights were trained on," if free < len(patients) else ""
        raise InputError(
            f"{free} patients or groups of near-duplicate images{others} cannot fill {wanted} sections",
            "add patients, ask for fewer --folds, or leave sections empty with --fractions, for example 0,0,1"
            + (", or write --seen anywhere for trainings from random weights" if others else ""),
        )
    counts = np.zeros((len(patients), len(LABELS) + 1), dtype=np.int64)
    np.add.at(counts, patient_of, [[*(value == 1 for value in _told(row)), True] for row in rows])
    return _assign(counts, shares, part_of, np.random.default_rng(seed))[patient_of]


def _told(row: Row) -> Label:
    """Return a slice's label, or where it is not known that of its head."""
    head: Label = row.get("study_label") or row["label"]
    return [whole if own is None else own for own, whole in zip(row["label"], head, strict=True)]


def join_persons(persons: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each patient in a pair the first by name of those whom pairs join to him or her.

    Example:
        >>> join_persons([("b", "c"), ("a", "c")]) == {"a": "a", "b": "a", "c": "a"}
        True
    """
    joined: dict[str, set[str]] = {}
    for pair in persons:
        group = set[str]().union(*(joined.get(patient, {patient}) for patient in pair))
        joined.update(dict.fromkeys(group, group))
    return {patient: min(group) for patient, group in joined.items()}


def gather_sections(rows: Sequence[Row], part_of: NDArray[np.int64], section_of: Sequence[str]) -> dict[str, list[Row]]:
    """Return the rows of each section, by image.

    Args:
        rows: of all parts.
        part_of: the part of each row, [n].
        section_of: the section to which each part belongs.
    """
    sections: dict[str, list[Row]] = {section: [] for section in SECTIONS}
    for row, part in zip(rows, part_of.tolist(), strict=True):
        sections[section_of[part]].append(row)
    return {section: sorted(members, key=row_key) for section, members in sections.items()}


def check_plan(fractions: Sequence[float], folds: int | None, seed: int) -> NDArray[np.float64]:
    """Return the share of each part of a split: training, validation and test, or `folds` equal ones and the test.

    Raises:
        InputError: as `check_fractions`, or when the folds are no whole number from 2 on, the fractions leave nothing
            for them, or the seed is no whole number from 0 on.

    Example:
        >>> check_plan((0.8, 0.1, 0.1), folds=3, seed=0)
        array([0.3, 0.3, 0.3, 0.1])
    """
    shares = check_fractions(fractions)
    if type(seed) is not int or seed < 0:
        raise InputError(f"the seed {seed!r} must be a whole number from 0 on", "write --seed 0")
    if folds is None:
        return shares
    if type(folds) is not int or folds < 2:
        raise InputError(f"the folds {folds!r} must be a whole number from 2 on", "write --folds 5")
    test = shares[-1]
    if test == 1:
        raise InputError(f"the fractions {fractions} leave nothing for folds", "write --fractions 0.8,0.1,0.1")
    return np.array([(1 - test) / folds] * folds + [test])


def check_fractions(fractions: Sequence[float]) -> NDArray[np.float64]:
    """Return the fractions as an array [3].

    Raises:
        InputError: when they are not three numbers from 0 on that add up to 1.

    Example:
        >>> check_fractions((0.8, 0.1, 0.2))
        Traceback (most recent call last):
        bundle.errors.InputError: the fractions (0.8, 0.1, 0.2) must be three numbers from 0 on that add up to 1, ...
    """
    try:
        shares = np.array(fractions, dtype=np.float64)
    except (TypeError, ValueError):
        shares = np.zeros(0)
    if shares.shape != (len(SECTIONS),) or not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-6:
        raise InputError(
            f"the fractions {fractions} must be three numbers from 0 on that add up to 1, for {', '.join(SECTIONS)}",
            "write --fractions 0.8,0.1,0.1",
        )
    return shares


def _assign(
    counts: NDArray[np.int64], shares: NDArray[np.float64], fixed: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the section of each patient, [n], from counts [n, labels + slices] and sections that are fixed, or −1."""
    totals = counts.sum(axis=0)
    parts = counts[:, totals > 0] / totals[totals > 0]
    used = np.flatnonzero(shares)
    wanted = shares[used, None]
    need = wanted - np.stack([parts[fixed == section].sum(axis=0) for section in used])
    section_of = fixed.copy()
    free = fixed < 0
    shuffled = rng.permutation(len(counts))
    order = shuffled[np.argsort(-parts[shuffled].max(axis=1), kind="stable")]
    for patient in order[free[order]]:
        part = parts[patient]
        # By how much the sum over labels of need² / wanted grows.
        best = (part * (part - 2 * need) / wanted).sum(axis=1).argmin()
        section_of[patient] = used[best]
        need[best] -= part
    # By slices alone a few large patients can leave a section empty, or without any hemorrhage to judge by.
    for wanted_there in (np.ones(len(counts), bool), counts[:, ANY_INDEX] > 0):
        for section in used:
            held = np.bincount(section_of[free & wanted_there], minlength=len(shares))
            if not wanted_there[section_of == section].any() and held.max() > 1:
                donors = np.flatnonzero(free & wanted_there & (section_of == held.argmax()))
                donor = donors[counts[donors, -1].argmin()]
                others = np.flatnonzero(free & (section_of == section))
                section_of[donor] = section
                if others.size:  # one goes back, so that the sections keep their sizes
                    section_of[others[np.abs(counts[others, -1] - counts[donor, -1]).argmin()]] = held.argmax()
    return section_of
