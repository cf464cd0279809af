"""The figures of many resamples of the same slices at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY, LABELS, SUBTYPES, UNKNOWN
from bundle.metrics.classification import METRIC_NAMES, classification_metrics
from bundle.metrics.confusion import true_classes
from bundle.metrics.log_loss import label_losses
from bundle.metrics.probabilities import THRESHOLD, check_scores, decisions, label_probabilities

Figures = Callable[[np.ndarray], dict[str, np.ndarray]]
"""From weights, float64 [R, N], how often each of N slices counts in each of R resamples, to name → [R]."""


def resampled_metrics(probabilities: ArrayLike, labels: ArrayLike, task: str, threshold: float = THRESHOLD) -> Figures:
    """Return a function of weights that gives every figure of `METRIC_NAMES`, for `bundle.statistics.bootstrap`.

    A figure of a resample is that of `classification_metrics` with each slice repeated as often as its weight says, NaN
    where that cannot be computed. But a ``…_macro`` is NaN also where a subtype is missing that the slices have: a mean
    over fewer subtypes is another figure.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.
        threshold: of P(any).

    Raises:
        TypeError, ValueError: see `check_scores`.
    """
    scores, truth = check_scores(probabilities, labels, task)
    of_labels, decided = label_probabilities(scores, task), decisions(scores, task, threshold)
    one_label = [_OneLabel(truth[:, column], of_labels[:, column], decided[:, column]) for column in range(len(LABELS))]
    losses, loss_weights = label_losses(scores, truth, task)
    true_class, predicted = true_classes(scores, truth), scores.argmax(axis=1)
    has_class = (true_class >= 0) & (task == "subtype")
    given = classification_metrics(scores, truth, task, threshold)

    def figures(weights: np.ndarray) -> dict[str, np.ndarray]:
        by_label = {name: label(weights) for name, label in zip(LABELS, one_label, strict=True)}
        result = {}
        for name in METRIC_NAMES:
            figure, _, label = name.rpartition("_")
            if name == "log_loss":
                values = _ratio(weights @ losses, weights @ loss_weights)
            elif name == "class_accuracy":
                values = _ratio(weights @ (has_class & (true_class == predicted)), weights @ has_class)
            elif label == "macro":
                present = [subtype for subtype in SUBTYPES if given[f"{figure}_{subtype}"] is not None]
                missing = np.full(len(weights), np.nan)
                values = np.mean([by_label[each][figure] for each in present], axis=0) if present else missing
            elif label in LABELS:
                values = by_label[label][figure]
            else:
                values = by_label[ANY][name]
            result[name] = values
        return result

    return figures


def resampled_ranking(truth: np.ndarray, score: np.ndarray) -> Figures:
    """Return a function of weights that gives ``auc`` and ``average_precision``, NaN where a resample has one class.

    Args:
        truth: [N], 1 or 0.
        score: [N]; ties count half in the AUC.
    """
    order = np.argsort(score, kind="stable")
    # Where each run of equal scores starts.
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    positive = truth[order] == 1

    def figures(weights: np.ndarray) -> dict[str, np.ndarray]:
        ordered = weights[:, order]
        if len(starts) < len(order):
            positives = np.add.reduceat(ordered * positive, starts, axis=1)
            negatives = np.add.reduceat(ordered * ~positive, starts, axis=1)
        else:
            positives, negatives = ordered * positive, ordered * ~positive
        below, negatives_up_to = positives.sum(axis=1), np.cumsum(negatives, axis=1)
        all_negatives = negatives_up_to[:, -1]
        won = np.einsum("rg,rg->r", positives, negatives_up_to - negatives / 2)
        from_here = np.cumsum(positives[:, ::-1], axis=1)[:, ::-1]
        called = from_here + all_negatives[:, None] - negatives_up_to + negatives
        precision = np.divide(from_here, called, out=np.zeros_like(called), where=called > 0)
        found = np.einsum("rg,rg->r", positives, precision)
        two_sided = np.where(all_negatives > 0, below, 0)
        return {"auc": _ratio(won, below * all_negatives), "average_precision": _ratio(found, two_sided)}

    return figures


class _OneLabel:
    """The figures of one label, see `bundle.metrics.classification`."""

    def __init__(self, truth: np.ndarray, probability: np.ndarray, decided: np.ndarray) -> None:
        self.known = np.flatnonzero((truth != UNKNOWN) & ~np.isnan(probability))
        y, d = truth[self.known] == 1, decided[self.known] == 1
        self.cells = np.column_stack([y & d, ~y & d, y & ~d, ~y & ~d]).astype(np.float64)
        self.ranking = resampled_ranking(truth[self.known], probability[self.known])

    def __call__(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        if not len(self.known):
            names = ("accuracy", "precision", "recall", "f1", "specificity", "auc", "average_precision")
            return {name: np.full(len(weights), np.nan) for name in names}
        known = weights[:, self.known]
        tp, fp, fn, tn = (known @ self.cells).T
        return {
            "accuracy": _ratio(tp + tn, tp + fp + fn + tn),
            # 0 where the label is never called but is there.
            "precision": _ratio(tp, np.where(tp + fn > 0, np.maximum(tp + fp, 1), 0)),
            "recall": _ratio(tp, tp + fn),
            "f1": _ratio(2 * tp, np.where(tp + fn > 0, 2 * tp + fp + fn, 0)),
            "specificity": _ratio(tn, tn + fp),
            **self.ranking(known),
        }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def resampled_ratios(parts: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figures:
    """Return a function of weights that gives ratios of sums, NaN where the whole is nothing.

    Args:
        parts: name → part [N] and whole [N].
    """

    def figures(weights: np.ndarray) -> dict[str, np.ndarray]:
        found = {}
        for name, (part, whole) in parts.items():
            total = weights @ whole
            found[name] = np.divide(weights @ part, total, out=np.full(len(total), np.nan), where=total > 0)
        return found

    return figures
