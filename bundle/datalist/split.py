"""Training, validation and test, without a patient in two of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bundle.datalist.schema import SECTIONS, Row
from bundle.errors import InputError
from bundle.labels import LABELS

FRACTIONS = (0.8, 0.1, 0.1)
"""The paper's 80 % for training; its 20 % halved, so that what chooses the model does not judge it."""


def split_rows(rows: Sequence[Row], fractions: Sequence[float] = FRACTIONS, seed: int = 0) -> dict[str, list[Row]]:
    """Split rows by patient, with about the same share of each label in every section.

    Greedy stratification from the rarest label to the commonest (Sechidis et al., ECML PKDD 2011), with a patient in
    the place of a sample: each goes where most slices of the label are still wanted. A label that only one or two
    patients have is in training alone. The order of the rows does not matter.

    Args:
        rows: with ``image``, ``patient`` and ``label``.
        fractions: of the slices, for training, validation and test; 0 leaves a section empty.
        seed: of the order among patients who are equally good to place next.

    Returns:
        The rows of each section, by image.

    Raises:
        InputError: when the fractions are not three numbers that add up to 1, or there are fewer patients than
            sections.
    """
    shares = check_fractions(fractions)
    patients, patient_of = np.unique([row["patient"] for row in rows], return_inverse=True)
    wanted = int((shares > 0).sum())
    if len(patients) < wanted:
        raise InputError(
            f"{len(patients)} patients or groups of near-duplicate images cannot fill {wanted} sections; "
            "add patients, or leave sections empty with --fractions, for example 0,0,1"
        )
    counts = np.zeros((len(patients), len(LABELS) + 1), dtype=np.int64)
    np.add.at(counts, patient_of, [[*(value == 1 for value in row["label"]), True] for row in rows])
    section_of = _assign(counts, shares, np.random.default_rng(seed))[patient_of]
    sections: dict[str, list[Row]] = {section: [] for section in SECTIONS}
    for row, section in zip(rows, section_of, strict=True):
        sections[SECTIONS[section]].append(row)
    return {section: sorted(members, key=_key) for section, members in sections.items()}


def check_fractions(fractions: Sequence[float]) -> NDArray[np.float64]:
    """Return the fractions as an array [3].

    Raises:
        InputError: when they are not three numbers from 0 on that add up to 1.
    """
    try:
        shares = np.array(fractions, dtype=np.float64)
    except (TypeError, ValueError):
        shares = np.zeros(0)
    if shares.shape != (len(SECTIONS),) or not (shares >= 0).all() or abs(shares.sum() - 1) > 1e-6:
        raise InputError(
            f"the fractions {fractions} must be three numbers from 0 on that add up to 1, for {', '.join(SECTIONS)}: "
            "write --fractions 0.8,0.1,0.1"
        )
    return shares


def _assign(counts: NDArray[np.int64], shares: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the section of each patient, [n], from counts [n, labels + slices]."""
    need = counts.sum(axis=0) * shares[:, None]
    need[shares == 0] = -np.inf
    section_of = np.full(len(counts), -1)
    shuffled = rng.permutation(len(counts))
    # Slices, the last column, come last: every patient has some.
    for column in np.argsort((counts > 0).sum(axis=0), kind="stable"):
        largest_first = shuffled[np.argsort(-counts[shuffled, column], kind="stable")]
        for patient in largest_first:
            if section_of[patient] < 0 and counts[patient, column]:
                section = np.lexsort((need[:, -1], need[:, column]))[-1]
                section_of[patient] = section
                need[section] -= counts[patient]
    for section in np.flatnonzero(shares):
        if not (section_of == section).any():
            donors = np.flatnonzero(section_of == np.bincount(section_of).argmax())
            section_of[donors[counts[donors, -1].argmin()]] = section
    return section_of


def _key(row: Row) -> tuple[str, int]:
    return row["image"], row.get("slice") or 0
