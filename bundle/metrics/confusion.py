"""Confusion matrices of *any* and of the classes."""

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import CLASSES
from bundle.predictions import THRESHOLD, Predictions, true_classes


def confusion(
    probabilities: ArrayLike, labels: ArrayLike, task: str, threshold: float = THRESHOLD
) -> dict[str, np.ndarray]:
    """Return the confusion matrices, rows the truth and columns the network.

    A slice with several subtypes is counted once: under the predicted class when that is one of its true ones, else
    under its first true subtype in the order of `bundle.labels.SUBTYPES`. What is unknown is left out: in ``any``
    slices without a known *any*, in ``classes`` also bleeds without a known subtype.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.
        threshold: of P(any), for ``any``; ``classes`` takes the class with the highest probability.

    Returns:
        ``"any"``: int [2, 2], ``[[TN, FP], [FN, TP]]``; for the task ``subtype`` also ``"classes"``: int [6, 6] in the
        order of ``CLASSES["subtype"]``.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_scores`.

    Example:
        >>> confusion([[0.9, 0.1], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1]], "binary")["any"].tolist()
        [[1, 0], [0, 1]]
    """
    predictions = Predictions(task, np.asarray(probabilities), np.asarray(labels))
    known = predictions.known
    result = {"any": _count(predictions.truth[known], predictions.decided(threshold)[known], 2)}
    if task == "subtype":
        counted, predicted = counted_classes(predictions), predictions.probabilities.argmax(axis=1)
        known = counted >= 0
        result["classes"] = _count(counted[known], predicted[known], len(CLASSES[task]))
    return result


def counted_classes(predictions: Predictions) -> np.ndarray:
    """Return the index of the class that each slice is counted under, see `confusion`, [N]; -1 where it is unknown."""
    predicted, is_true = predictions.probabilities.argmax(axis=1), true_classes(predictions.labels)
    # Of another task the predicted class is none of these, and nobody asks.
    hit = np.take_along_axis(is_true, predicted[:, None], axis=1)[:, 0]
    return np.where(hit, predicted, np.where(is_true.any(axis=1), is_true.argmax(axis=1), -1))


def _count(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    cells = truth.astype(int) * classes + predicted.astype(int)
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)
