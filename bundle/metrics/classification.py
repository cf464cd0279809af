"""The metrics of a slice classifier, under names that never change."""

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY, LABELS, SUBTYPES, UNKNOWN
from bundle.metrics.confusion import counted_classes
from bundle.metrics.log_loss import label_losses
from bundle.metrics.ranking import weighted_ranking
from bundle.predictions import THRESHOLD, Predictions
from bundle.statistics import Values, WeightedMetrics, ratio, unweighted

_HEADLINE = ("accuracy", "precision", "recall", "f1", "specificity")
_RANKING = ("auc", "average_precision")
_OF_SUBTYPES = ("auc", "average_precision", "precision", "recall", "f1")

METRIC_NAMES = (
    *_HEADLINE,
    *(f"{name}_{ANY}" for name in _RANKING),
    *(f"{name}_{subtype}" for subtype in SUBTYPES for name in _OF_SUBTYPES),
    *(f"{name}_macro" for name in _OF_SUBTYPES),
    "log_loss",
    "class_accuracy",
)
"""Every key of `classification_metrics`, in order."""


def classification_metrics(
    probabilities: ArrayLike, labels: ArrayLike, task: str, threshold: float = THRESHOLD
) -> dict[str, float | None]:
    """Return every metric of `METRIC_NAMES`; None where it cannot be computed, for the reasons `not_computable` gives.

    - ``accuracy, precision, recall, f1, specificity``: of *any*, decided at P(any) ≥ `threshold`; ``auc_any`` and
      ``average_precision_any``: of *any* over all thresholds.
    - ``auc_, average_precision_, precision_, recall_, f1_<subtype>``: the subtype against all other slices. With a
      softmax it is predicted where it is the class with the highest probability, so a slice with several subtypes
      can be a hit for one and counts as missed for its others; with sigmoids, where its probability is at least 0.5.
    - ``…_macro``: mean over the subtypes that are not None.
    - ``log_loss``: see `weighted_log_loss`.
    - ``class_accuracy``: task ``subtype`` only, the diagonal's share of the confusion matrix of the classes.

    Unknown labels are left out. Recall, precision and F1 need a positive slice, specificity a negative one, AUC and
    average precision both. The precision of a label that is never predicted is 0, as is its F1.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.
        threshold: of P(any).

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_scores`.

    Example:
        >>> metrics = classification_metrics([[0.9, 0.1], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1]], "binary")
        >>> metrics["accuracy"], metrics["auc_any"], metrics["auc_subdural"]
        (1.0, 1.0, None)
    """
    return unweighted(weighted_metrics(probabilities, labels, task, threshold), len(np.asarray(labels)))


def weighted_metrics(
    probabilities: ArrayLike, labels: ArrayLike, task: str, threshold: float = THRESHOLD
) -> WeightedMetrics:
    """Return a function of weights that gives every metric of `METRIC_NAMES`, for `bundle.statistics.bootstrap`.

    A metric of a resample is that of `classification_metrics` with each slice repeated as often as its weight says, NaN
    where that cannot be computed. But a ``…_macro`` is NaN also where a subtype is missing that the slices have: a mean
    over fewer subtypes is another metric.

    Args:
        probabilities: see `classification_metrics`.
        labels: see there.
        task: see there.
        threshold: see there.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_scores`.

    Example:
        >>> metrics = weighted_metrics([[0.9, 0.1], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1]], "binary")
        >>> metrics(np.array([[1.0, 1.0], [2.0, 0.0]]))["recall"]  # the second resample has no bleed
        array([ 1., nan])
    """
    predictions = Predictions(task, np.asarray(probabilities), np.asarray(labels))
    truth, decided = predictions.labels, predictions.decisions(threshold)
    one_label = {
        name: _OneLabel(truth[:, column], predictions.label_probabilities[:, column], decided[:, column])
        for column, name in enumerate(LABELS)
    }
    losses, loss_weights = label_losses(predictions)
    counted, predicted = counted_classes(predictions), predictions.probabilities.argmax(axis=1)
    has_class = (counted >= 0) & (task == "subtype")
    once = np.ones((1, len(predictions)))
    in_slices = {
        name: {key for key, value in one(once).items() if not np.isnan(value)} for name, one in one_label.items()
    }

    def metrics(weights: np.ndarray) -> Values:
        by_label = {name: one(weights) for name, one in one_label.items()}
        result = {name: by_label[ANY][name] for name in _HEADLINE}
        result |= {f"{name}_{ANY}": by_label[ANY][name] for name in _RANKING}
        result |= {f"{name}_{subtype}": by_label[subtype][name] for subtype in SUBTYPES for name in _OF_SUBTYPES}
        for name in _OF_SUBTYPES:
            present = [by_label[subtype][name] for subtype in SUBTYPES if name in in_slices[subtype]]
            result[f"{name}_macro"] = np.mean(present, axis=0) if present else np.full(len(weights), np.nan)
        result["log_loss"] = ratio(weights @ losses, weights @ loss_weights)
        result["class_accuracy"] = ratio(weights @ (has_class & (counted == predicted)), weights @ has_class)
        return result

    return metrics


class _OneLabel:
    """The metrics of one label, as a function of weights [R, N]."""

    def __init__(self, truth: np.ndarray, probability: np.ndarray, decided: np.ndarray) -> None:
        self.known = np.flatnonzero((truth != UNKNOWN) & ~np.isnan(probability))
        y, d = truth[self.known] == 1, decided[self.known] == 1
        self.cells = np.column_stack([y & d, ~y & d, y & ~d, ~y & ~d]).astype(np.float64)
        self.ranking = weighted_ranking(truth[self.known], probability[self.known])

    def __call__(self, weights: np.ndarray) -> Values:
        known = weights[:, self.known]
        tp, fp, fn, tn = (known @ self.cells).T
        return {
            "accuracy": ratio(tp + tn, tp + fp + fn + tn),
            # 0 where the label is never called but is there.
            "precision": ratio(tp, np.where(tp + fn > 0, np.maximum(tp + fp, 1), 0)),
            "recall": ratio(tp, tp + fn),
            "f1": ratio(2 * tp, np.where(tp + fn > 0, 2 * tp + fp + fn, 0)),
            "specificity": ratio(tn, tn + fp),
            **self.ranking(known),
        }
