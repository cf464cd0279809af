"""The figures of a slice classifier, under names that never change."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from bundle.labels import ANY, LABELS, SUBTYPES, UNKNOWN
from bundle.metrics.confusion import confusion
from bundle.metrics.log_loss import weighted_log_loss
from bundle.metrics.probabilities import THRESHOLD, check_scores, decisions, label_probabilities

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
    """Return every figure of `METRIC_NAMES`; None where it cannot be computed, for the reasons `not_computable` gives.

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
        TypeError, ValueError: see `check_scores`.
    """
    scores, truth = check_scores(probabilities, labels, task)
    of_labels, decided = label_probabilities(scores, task), decisions(scores, task, threshold)
    by_label = {
        name: _one_label(truth[:, column], of_labels[:, column], decided[:, column])
        for column, name in enumerate(LABELS)
    }
    result = {name: by_label[ANY][name] for name in _HEADLINE}
    result |= {f"{name}_{ANY}": by_label[ANY][name] for name in _RANKING}
    result |= {f"{name}_{subtype}": by_label[subtype][name] for subtype in SUBTYPES for name in _OF_SUBTYPES}
    for name in _OF_SUBTYPES:
        values = [value for subtype in SUBTYPES if (value := by_label[subtype][name]) is not None]
        result[f"{name}_macro"] = float(np.mean(values)) if values else None
    result["log_loss"] = weighted_log_loss(scores, truth, task)
    classes = confusion(scores, truth, task, threshold).get("classes")
    result["class_accuracy"] = None if classes is None else _ratio(np.trace(classes), classes.sum())
    return result


def not_computable(labels: ArrayLike, task: str) -> list[str]:
    """Return, a sentence a label, which figures these labels cannot give and why; empty when all can be computed.

    Args:
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.
    """
    truth = np.asarray(labels)
    reasons = []
    for column, name in enumerate(LABELS):
        if task == "binary" and name != ANY:
            continue
        values = truth[:, column]
        if not np.any(values != UNKNOWN):
            reasons.append(f"{name}: unknown in every slice of this split")
        elif not np.any(values == 1):
            reasons.append(f"{name}: no positive slice in this split")
        elif not np.any(values == 0):
            reasons.append(f"{name}: no negative slice in this split")
    if task == "binary":
        reasons.append("subtypes: a network of the binary task does not tell them apart")
    return reasons


def _one_label(truth: np.ndarray, probability: np.ndarray, decided: np.ndarray) -> dict[str, float | None]:
    known = (truth != UNKNOWN) & ~np.isnan(probability)
    if not known.any():
        return dict.fromkeys((*_HEADLINE, *_RANKING))
    y, p = truth[known].astype(int), probability[known]
    tn, fp, fn, tp = (int(count) for count in confusion_matrix(y, decided[known].astype(int), labels=[0, 1]).ravel())
    positives, two_sided = tp + fn, tp + fn > 0 and tn + fp > 0
    return {
        "accuracy": _ratio(tp + tn, len(y)),
        "precision": _ratio(tp, max(tp + fp, 1)) if positives else None,
        "recall": _ratio(tp, positives),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn) if positives else None,
        "specificity": _ratio(tn, tn + fp),
        "auc": float(roc_auc_score(y, p)) if two_sided else None,
        "average_precision": float(average_precision_score(y, p)) if two_sided else None,
    }


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
