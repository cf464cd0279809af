"""ROC and precision-recall curves of each label, with the thresholds that lie behind their points."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import LABELS, UNKNOWN
from bundle.predictions import Predictions


class RocCurve(NamedTuple):
    """Points of a ROC curve, from (0, 0) to (1, 1); arrays of one length."""

    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    thresholds: np.ndarray
    """Probability from which on a slice is called positive, falling; the first is inf: none is."""


class PrecisionRecallCurve(NamedTuple):
    """Points of a precision-recall curve, recall falling from 1 to 0."""

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray
    """Probability from which on a slice is called positive, rising; one shorter, the last point calls none positive."""


def roc_curves(probabilities: ArrayLike, labels: ArrayLike, task: str) -> dict[str, RocCurve]:
    """Return the ROC curve of each label that has known positive and negative slices.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_scores`.

    Example:
        >>> roc_curves([[0.9, 0.1], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1]], "binary")["any"]
        RocCurve(false_positive_rate=array([0., 0., 1.]), true_positive_rate=array([0., 1., 1.]),
                 thresholds=array([inf, 0.8, 0.1]))
    """
    from sklearn.metrics import roc_curve  # takes more than a second to import

    return {name: RocCurve(*roc_curve(y, p)) for name, y, p in _two_sided(probabilities, labels, task)}


def precision_recall_curves(probabilities: ArrayLike, labels: ArrayLike, task: str) -> dict[str, PrecisionRecallCurve]:
    """Return the precision-recall curve of each label that has known positive and negative slices.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_scores`.

    Example:
        >>> precision_recall_curves([[0.9, 0.1], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1]], "binary")["any"]
        PrecisionRecallCurve(precision=array([0.5, 1. , 1. ]), recall=array([1., 1., 0.]),
                             thresholds=array([0.1, 0.8]))
    """
    from sklearn.metrics import precision_recall_curve  # as above

    return {
        name: PrecisionRecallCurve(*precision_recall_curve(y, p))
        for name, y, p in _two_sided(probabilities, labels, task)
    }


def _two_sided(probabilities: ArrayLike, labels: ArrayLike, task: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    predictions = Predictions(task, np.asarray(probabilities), np.asarray(labels))
    for column, name in enumerate(LABELS):
        truth, probability = predictions.labels[:, column], predictions.label_probabilities[:, column]
        known = (truth != UNKNOWN) & ~np.isnan(probability)
        y, p = truth[known], probability[known]
        if 0 in y and 1 in y:
            yield name, y, p
