"""The measure of the RSNA 2019 challenge."""

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.metrics.probabilities import check_scores, label_probabilities

CLIP = 1e-15
"""Kaggle keeps probabilities this far from 0 and 1."""


def weighted_log_loss(probabilities: ArrayLike, labels: ArrayLike, task: str) -> float | None:
    """Return the weighted multi-label log loss of the RSNA 2019 challenge, the mean over slices and labels.

    *Any* counts twice: its weight is 2/7, that of each subtype 1/7. A value that is unknown, or that the task does not
    predict, is left out, and the mean is over the weights of the rest (so ``binary`` gives the log loss of *any*).

    See https://www.kaggle.com/competitions/rsna-intracranial-hemorrhage-detection/overview/evaluation.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.

    Returns:
        The loss, or None when no value is left.

    Raises:
        TypeError, ValueError: see `check_scores`.
    """
    losses, weights = label_losses(probabilities, labels, task)
    return float(losses.sum() / weights.sum()) if weights.any() else None


def label_losses(probabilities: ArrayLike, labels: ArrayLike, task: str) -> tuple[np.ndarray, np.ndarray]:
    """Return of each slice the weighted sum of its labels' losses and the sum of their weights, both float64 [N].

    Args:
        probabilities: see `weighted_log_loss`, as the labels and the task.
        labels: see there.
        task: see there.
    """
    scores, truth = check_scores(probabilities, labels, task)
    of_labels = label_probabilities(scores, task)
    used = (truth != UNKNOWN) & ~np.isnan(of_labels)
    weights = used * np.array([2.0 if name == ANY else 1.0 for name in LABELS])
    p = np.clip(np.where(used, of_labels, 0.5), CLIP, 1 - CLIP)
    losses = -np.where(truth == 1, np.log(p), np.log1p(-p))
    return (losses * weights).sum(axis=1), weights.sum(axis=1)
