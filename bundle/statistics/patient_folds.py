"""Folds of slices by which each patient is told by others."""

import numpy as np
from numpy.typing import ArrayLike

FOLDS = 5
"""Parts into which patients are divided where those of one part are told by what the others choose."""


def patient_folds(patients: ArrayLike, least: int = FOLDS) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each part of the patients the indices of the others' slices and of its own.

    Args:
        patients: [N], of each slice.
        least: number of patients below which there are no folds; with fewer than `FOLDS` each patient is a part.

    Example:
        >>> for others, own in patient_folds(["p1", "p1", "p2"], least=2):
        ...     print(others, own)
        [2] [0 1]
        [0 1] [2]
    """
    from sklearn.model_selection import GroupKFold  # takes more than a second to import

    names = np.asarray(patients)
    count = min(FOLDS, len(np.unique(names)))
    return list(GroupKFold(count).split(names, groups=names)) if count >= max(least, 2) else []
