"""Confusion matrices of *any* and of the classes."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import confusion_matrix

from bundle.labels import ANY, CLASSES, LABELS, SUBTYPES, UNKNOWN
from bundle.metrics.probabilities import THRESHOLD, check_scores, decisions

_ANY = LABELS.index(ANY)


def confusion(
    probabilities: ArrayLike, labels: ArrayLike, task: str, threshold: float = THRESHOLD
) -> dict[str, np.ndarray]:
    """Return the confusion matrices, rows the truth and columns the network.

    A slice with several subtypes is counted once: under the predicted class when that is one of its true ones, else
    under its first true subtype in the order of `SUBTYPES`. What is unknown is left out: in ``any`` slices without a
    known *any*, in ``classes`` also bleeds without a known subtype.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.
        threshold: of P(any), for ``any``; ``classes`` takes the class with the highest probability.

    Returns:
        ``"any"``: int [2, 2], ``[[TN, FP], [FN, TP]]``; for the task ``subtype`` also ``"classes"``: int [6, 6] in the
        order of ``CLASSES["subtype"]``.

    Raises:
        TypeError, ValueError: see `check_scores`.
    """
    scores, truth = check_scores(probabilities, labels, task)
    known = truth[:, _ANY] != UNKNOWN
    decided = decisions(scores, task, threshold)[:, _ANY]
    result = {"any": _count(truth[known, _ANY], decided[known], 2)}
    if task == "subtype":
        true_class, predicted = true_classes(scores, truth), scores.argmax(axis=1)
        known = true_class >= 0
        result["classes"] = _count(true_class[known], predicted[known], len(CLASSES[task]))
    return result


def true_classes(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the index of the class each slice is counted under, [N]; -1 where it is unknown."""
    predicted = scores.argmax(axis=1)
    # Column 0 is normal, so class k + 1 is subtype k.
    is_true = np.column_stack([truth[:, _ANY] == 0, truth[:, : len(SUBTYPES)] == 1])
    hit = is_true[np.arange(len(scores)), predicted]
    return np.where(hit, predicted, np.where(is_true.any(axis=1), is_true.argmax(axis=1), -1))


def _count(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    if len(truth) == 0:
        return np.zeros((classes, classes), dtype=np.int64)
    return confusion_matrix(truth.astype(int), predicted.astype(int), labels=range(classes))
