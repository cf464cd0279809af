"""The loss that a calibration minimises, of all validation at once."""

import numpy as np

from bundle.labels import ANY_INDEX, LABELS, SUBTYPES, UNKNOWN
from bundle.predictions import true_classes

_LABEL_WEIGHTS = np.array([2.0 if index == ANY_INDEX else 1.0 for index in range(len(LABELS))])


def task_loss(logits: np.ndarray, labels: np.ndarray, task: str) -> float:
    """Return `bundle.losses.HemorrhageLoss` without class weights, in NumPy and double precision.

    It is written again so that a calibration needs no PyTorch; a test holds the two together.

    Args:
        logits: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`; at least one `has_target`.
        task: a key of `bundle.labels.CLASSES`.
    """
    if task == "multilabel":
        known = (labels != UNKNOWN) * _LABEL_WEIGHTS
        # log(1 + exp(x)), once as it is and once less x, are the terms of a sigmoid's cross-entropy.
        losses = np.logaddexp(0, logits) - logits * (labels == 1)
        return float((losses * known).sum() / known.sum())
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    classes, summed = _targets(labels, task)
    known = classes.any(axis=1)
    log_p, classes, summed = log_p[known], classes[known], summed[known]
    spread = (log_p * classes).sum(axis=1) / classes.sum(axis=1)
    total = np.logaddexp.reduce(np.where(classes, log_p, -np.inf), axis=1)
    return float(-np.where(summed, total, spread).mean())


def has_target(labels: np.ndarray, task: str) -> np.ndarray:
    """Return which slices `task_loss` scores, bool [N].

    Args:
        labels: see `task_loss`.
        task: see there.

    Example:
        >>> no_epidural = np.array([[0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]])
        >>> has_target(no_epidural, "multilabel"), has_target(no_epidural, "subtype")
        (array([ True]), array([False]))
    """
    if task == "multilabel":
        return np.any(labels != UNKNOWN, axis=1)
    classes, _ = _targets(labels, task)
    return np.any(classes, axis=1)


def _targets(labels: np.ndarray, task: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which classes a slice's target is spread over, bool [N, C], and which slices score their sum, bool [N]."""
    bleed = labels[:, ANY_INDEX] == 1
    if task == "binary":
        return np.column_stack([labels[:, ANY_INDEX] == 0, bleed]), np.zeros(len(labels), dtype=bool)
    classes = true_classes(labels)
    summed = bleed & ~classes.any(axis=1)
    classes[summed, 1:] = labels[summed, : len(SUBTYPES)] == UNKNOWN
    return classes, summed
