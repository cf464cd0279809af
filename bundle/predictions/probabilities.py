"""From the classes of a task to the six labels: probabilities and decisions."""

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY_INDEX, CLASSES, HEMORRHAGE, LABELS, NORMAL, SUBTYPES, UNKNOWN, class_names

THRESHOLD = 0.5
"""Default threshold of P(any), from which on a slice is predicted positive."""

SUM_TOLERANCE = 0.01
"""How far the softmax of one slice may be from 1: half precision is coarse, a forgotten softmax is not."""


def check_probabilities(probabilities: ArrayLike, task: str) -> np.ndarray:
    """Return the network's probabilities as float64 [N, C], checked.

    Args:
        probabilities: [N, C], floating point, in [0, 1], in the order of ``CLASSES[task]``.
        task: a key of `bundle.labels.CLASSES`.

    Raises:
        TypeError: when they are not floating point.
        ValueError: when the task is unknown, the shape is not [N, C], a value is not a number in [0, 1], or the
            classes of a softmax do not sum to 1.

    Example:
        >>> check_probabilities([[2.0, -2.0]], "binary")
        Traceback (most recent call last):
        ValueError: probabilities must be numbers in [0, 1], got -2.0 to 2.0; are they logits?
    """
    classes = class_names(task)
    array = np.asarray(probabilities)
    if array.dtype.kind != "f":
        raise TypeError(f"probabilities must be floating point, got {array.dtype}")
    if array.ndim != 2 or array.shape[1] != len(classes):
        raise ValueError(f"probabilities of task {task} must have shape [N, {len(classes)}], got {array.shape}")
    array = array.astype(np.float64)
    if not np.all((array >= 0) & (array <= 1)):
        raise ValueError(
            f"probabilities must be numbers in [0, 1], got {array.min()} to {array.max()}; are they logits?"
        )
    if task != "multilabel" and not np.allclose(array.sum(axis=1), 1, rtol=0, atol=SUM_TOLERANCE):
        worst = array.sum(axis=1)[np.abs(array.sum(axis=1) - 1).argmax()]
        raise ValueError(f"probabilities of task {task} must sum to 1 in each slice, got {worst:.3f}; use a softmax")
    return array


def check_scores(probabilities: ArrayLike, labels: ArrayLike, task: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities as float64 [N, C] and the labels as float64 [N, 6], checked.

    Args:
        probabilities: see `check_probabilities`.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.

    Raises:
        TypeError: when the labels are not numbers; see also `check_probabilities`.
        ValueError: when the labels are not of shape [N, 6], not as many as the probabilities, or hold another value.

    Example:
        >>> check_scores([[0.9, 0.1]], [[0, 1]], "binary")
        Traceback (most recent call last):
        ValueError: labels must have shape [1, 6], got (1, 2)
    """
    scores = check_probabilities(probabilities, task)
    truth = np.asarray(labels)
    if truth.dtype.kind not in "fiub":
        raise TypeError(f"labels must be numbers, got {truth.dtype}")
    if truth.shape != (len(scores), len(LABELS)):
        raise ValueError(f"labels must have shape [{len(scores)}, {len(LABELS)}], got {truth.shape}")
    truth = truth.astype(np.float64)
    if not np.isin(truth, (0, 1, UNKNOWN)).all():
        raise ValueError(f"labels must be 1, 0 or {UNKNOWN:g} for unknown, got {truth.min()} to {truth.max()}")
    return scores, truth


def label_probabilities(probabilities: ArrayLike, task: str) -> np.ndarray:
    """Return the probability of each label, float64 [N, 6] in the order of `LABELS`.

    - ``subtype``: P(subtype) is its softmax entry, P(any) = 1 - P(normal).
    - ``binary``: P(any) = P(hemorrhage); the subtypes are NaN, because the network does not distinguish them.
    - ``multilabel``: as they are.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        task: a key of `bundle.labels.CLASSES`.

    Raises:
        TypeError, ValueError: see `check_probabilities`.

    Example:
        >>> label_probabilities([[0.7, 0.0, 0.2, 0.0, 0.0, 0.1]], "subtype")
        array([[0. , 0.2, 0. , 0. , 0.1, 0.3]])
    """
    return of_labels(check_probabilities(probabilities, task), task)


def of_labels(scores: np.ndarray, task: str) -> np.ndarray:
    """Return what `label_probabilities` does, of probabilities that are checked."""
    if task == "multilabel":
        return scores
    classes = CLASSES[task]
    result = np.full((len(scores), len(LABELS)), np.nan)
    if task == "binary":
        result[:, ANY_INDEX] = scores[:, classes.index(HEMORRHAGE)]
        return result
    for subtype in SUBTYPES:
        result[:, LABELS.index(subtype)] = scores[:, classes.index(subtype)]
    result[:, ANY_INDEX] = 1 - scores[:, classes.index(NORMAL)]
    return result


def decisions(probabilities: ArrayLike, task: str, threshold: float = THRESHOLD) -> np.ndarray:
    """Return what the network says of each label, float64 [N, 6]: 1 yes, 0 no, NaN where the task has no such label.

    *Any* is 1 where P(any) ≥ `threshold`. A subtype is 1 where it is the class with the highest probability
    (``subtype``), or where its own probability is at least 0.5 (``multilabel``).

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        task: a key of `bundle.labels.CLASSES`.
        threshold: of P(any).

    Raises:
        TypeError, ValueError: see `check_probabilities`.

    Example:
        >>> decisions([[0.4, 0.0, 0.5, 0.0, 0.0, 0.1]], "subtype")
        array([[0., 1., 0., 0., 0., 1.]])
    """
    return decide(check_probabilities(probabilities, task), task, threshold)


def decide(scores: np.ndarray, task: str, threshold: float) -> np.ndarray:
    """Return what `decisions` does, of probabilities that are checked."""
    probability = of_labels(scores, task)
    result = np.where(np.isnan(probability), np.nan, probability >= THRESHOLD)
    if task == "subtype":
        predicted = scores.argmax(axis=1)
        for subtype in SUBTYPES:
            result[:, LABELS.index(subtype)] = predicted == CLASSES[task].index(subtype)
    result[:, ANY_INDEX] = probability[:, ANY_INDEX] >= threshold
    return result


def true_classes(labels: np.ndarray) -> np.ndarray:
    """Return which classes of the task ``subtype`` are true of each slice, bool [N, 6]; none where all is unknown.

    Args:
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.

    Example:
        >>> true_classes(np.array([[0, 1, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0]]))
        array([[False, False,  True, False, False,  True],
               [ True, False, False, False, False, False]])
    """
    return np.column_stack([labels[:, ANY_INDEX] == 0, labels[:, : len(SUBTYPES)] == 1])
