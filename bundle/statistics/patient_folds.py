"""Folds of patients for cross-fitting: what is applied to a patient is chosen on others."""

import numpy as np
from numpy.typing import ArrayLike

FOLDS = 5
"""Number of parts into which the patients are divided for cross-fitting."""


def patient_folds(patients: ArrayLike, least: int = FOLDS) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each part of the patients the indices of the slices of all other parts, and those of its own slices.

    Args:
        patients: [N], of each slice.
        least: number of patients below which there are no folds; with fewer than `FOLDS`, each patient is one part.

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
