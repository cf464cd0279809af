"""From slices to studies: one score and one label a study."""

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import LABELS, UNKNOWN


def _mean_top_3(p: np.ndarray) -> np.ndarray:
    return np.sort(p, axis=0)[-3:].mean(axis=0)


STUDY_RULES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "max": lambda p: p.max(axis=0),
    "mean_top_3": _mean_top_3,
    "quantile_90": lambda p: np.quantile(p, 0.9, axis=0),
    "noisy_or": lambda p: 1 - np.prod(1 - p, axis=0),
}
"""How the probabilities of a study's slices, [n, …], become those of the study.

- ``max``: a study is as suspicious as its most suspicious slice.
- ``mean_top_3``: the mean of the three highest, so that one slice alone does not decide.
- ``quantile_90``: what nine in ten slices do not exceed.
- ``noisy_or``: a bleed in any slice, were the slices independent, which they are not.
"""

STUDY_RULE = "max"
"""The rule of studies in the report: a study has a bleed where a slice has one, so that one threshold serves both. It
was stated beforehand; the report compares it with the others on validation. Heads have a rule of their own, see
`bundle.heads`."""


StudyName = tuple[str, ...]
"""What tells a study from others; two patients' studies may have one name, as numbers that count within a patient."""


def study_names(studies: Sequence[str], patients: Sequence[str], sites: Sequence[str]) -> list[StudyName]:
    """Return what is taken as the study of each of N slices: its study, else its patient, else itself.

    Args:
        studies: N names, empty where unknown.
        patients: N names, empty where unknown.
        sites: N names, empty where unknown.

    Returns:
        N tuples: "study", "patient" or "slice", and the names by which it is told from others.

    Example:
        >>> study_names(["1", "1", "", ""], ["p1", "p2", "p2", ""], ["", "", "a", "a"])
        [('study', '1', 'p1', ''), ('study', '1', 'p2', ''), ('patient', 'p2', 'a'), ('slice', '3')]
    """
    return [
        ("study", study, patient, site) if study else ("patient", patient, site) if patient else ("slice", str(index))
        for index, (study, patient, site) in enumerate(zip(studies, patients, sites, strict=True))
    ]


def study_scores(probabilities: ArrayLike, studies: Sequence[Hashable], rule: str = STUDY_RULE) -> np.ndarray:
    """Return the scores of each study, [S, …] float64 in the order in which the studies first appear.

    Args:
        probabilities: [N, …], of slices.
        studies: of each slice.
        rule: a key of `STUDY_RULES`.

    Raises:
        ValueError: when the rule is none.

    Example:
        >>> study_scores([0.1, 0.8, 0.3], ["a", "a", "b"])
        array([0.8, 0.3])
    """
    if rule not in STUDY_RULES:
        raise ValueError(f"the rule must be one of {', '.join(STUDY_RULES)}, got {rule!r}")
    values = np.asarray(probabilities, dtype=np.float64)
    return np.stack([STUDY_RULES[rule](values[members]) for members in group_members(studies)])


def study_labels(labels: ArrayLike, studies: Sequence[Hashable], of_study: ArrayLike | None = None) -> np.ndarray:
    """Return the labels of each study, float64 [S, 6] in the order in which the studies first appear.

    What was read of the study as a whole comes first. Else a label is 1 where a slice's is, 0 where every slice's is,
    and `UNKNOWN` in all other cases.

    Args:
        labels: [N, 6] in the order of `LABELS`, of slices, each 1, 0 or `UNKNOWN`.
        studies: of each slice.
        of_study: [N, 6], on each slice what was read of its study.

    Example:
        >>> study_labels([[0] * 6, [-1] * 5 + [1]], ["a", "a"])
        array([[-1., -1., -1., -1., -1.,  1.]])
    """
    values = np.asarray(labels, dtype=np.float64)
    read = np.full(values.shape, UNKNOWN) if of_study is None else np.asarray(of_study, dtype=np.float64)
    result = np.full((len(dict.fromkeys(studies)), len(LABELS)), UNKNOWN)
    for index, members in enumerate(group_members(studies)):
        of_slices = values[members]
        derived = np.where((of_slices == 1).any(0), 1, np.where((of_slices == 0).all(0), 0, UNKNOWN))
        whole = read[members].max(axis=0)
        result[index] = np.where(whole != UNKNOWN, whole, derived)
    return result


def first_members(names: Sequence[Hashable]) -> np.ndarray:
    """Return the index of each group's first member, the groups in the order in which they first appear.

    Example:
        >>> first_members(["a", "b", "a"])
        array([0, 1])
    """
    return np.array([members[0] for members in group_members(names)], dtype=int)


def group_members(names: Sequence[Hashable]) -> list[np.ndarray]:
    """Return the indices of each group's members, the groups in the order in which they first appear.

    Example:
        >>> group_members(["a", "b", "a"])
        [array([0, 2]), array([1])]
    """
    members: dict[Hashable, list[int]] = {}
    for index, name in enumerate(names):
        members.setdefault(name, []).append(index)
    return [np.array(each) for each in members.values()]
