"""The measure of the RSNA 2019 challenge."""

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.predictions import Predictions
from bundle.statistics import number, ratio

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
        TypeError, ValueError: see `bundle.predictions.check_scores`.

    Example:
        >>> round(weighted_log_loss([[0.9, 0.1], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1]], "binary"), 4)
        0.1643
    """
    losses, weights = label_losses(Predictions(task, np.asarray(probabilities), np.asarray(labels)))
    return number(float(ratio(losses.sum(), weights.sum())))


def label_losses(predictions: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """Return of each slice the weighted sum of its labels' losses and the sum of their weights, both float64 [N]."""
    truth, probability = predictions.labels, predictions.label_probabilities
    used = (truth != UNKNOWN) & ~np.isnan(probability)
    weights = used * np.array([2.0 if name == ANY else 1.0 for name in LABELS])
    p = np.clip(np.where(used, probability, 0.5), CLIP, 1 - CLIP)
    losses = -np.where(truth == 1, np.log(p), np.log1p(-p))
    return (losses * weights).sum(axis=1), weights.sum(axis=1)
