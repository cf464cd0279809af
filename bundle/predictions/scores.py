"""The scores that are reported: of each class of a task, and of any hemorrhage."""

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY, ANY_INDEX, CLASSES
from bundle.predictions.probabilities import label_probabilities


def score_names(task: str) -> tuple[str, ...]:
    """Return what is reported: the classes of the task in their order, and *any* where it is none of them.

    Args:
        task: a key of `bundle.labels.CLASSES`.

    Example:
        >>> score_names("binary")
        ('normal', 'hemorrhage', 'any')
    """
    return tuple(dict.fromkeys((*CLASSES[task], ANY)))


def slice_scores(probabilities: ArrayLike, task: str) -> np.ndarray:
    """Return the scores of N slices, float64 [N, K] in the order of `score_names`.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        task: a key of `bundle.labels.CLASSES`.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_probabilities`.

    Example:
        >>> slice_scores([[0.75, 0.25]], "binary")
        array([[0.75, 0.25, 0.25]])
    """
    p_any = label_probabilities(probabilities, task)[:, ANY_INDEX]
    classes = np.asarray(probabilities, dtype=np.float64)
    return classes if ANY in CLASSES[task] else np.column_stack([classes, p_any])
