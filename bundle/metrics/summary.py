"""Counts, metrics and mistakes of a split."""

from typing import Any

import numpy as np

from bundle.labels import CLASSES, LABELS, UNKNOWN
from bundle.metrics.classification import classification_metrics
from bundle.metrics.confusion import confusion
from bundle.metrics.not_computable import not_computable
from bundle.predictions import THRESHOLD, Predictions, describe_slice, find_mistakes

MISTAKES = 20
"""How many of the most confident mistakes are listed."""


def summarize(
    predictions: Predictions,
    threshold: float = THRESHOLD,
) -> dict[str, Any]:
    """Return counts, metrics and mistakes, as report.json has them.

    They hold no patient's pseudonym and no file name, only counts and lines of predictions.csv:

    - ``task``, ``classes``: see `bundle.labels.CLASSES`.
    - ``threshold``: P(any) from which on a slice is called a bleed.
    - ``slices``, ``patients``: counts; patients null when a slice's patient is unknown.
    - ``labels``: label → ``{"positive", "negative", "unknown", "positive_patients"}``: slices, and patients with a
      positive slice.
    - ``metrics``: see `bundle.metrics.classification_metrics`; null where it cannot be computed.
    - ``not_computable``: why, a sentence a label.
    - ``confusion``: ``any`` (2 × 2) and, for the task ``subtype``, ``classes`` (6 × 6): rows the truth, columns the
      network; see `bundle.metrics.confusion`.
    - ``mistakes``: how many slices were called wrongly (*any* at the threshold): ``{"missed", "false_alarms"}``.
    - ``most_confident_mistakes``: up to 20, worst first: ``{"line", "truth", "predicted", "p_any"}``, the names of the
      true labels and of the class with the highest probability, see `bundle.predictions.describe_slice`.

    Example:
        >>> p = Predictions("binary", [[0.9, 0.1], [0.7, 0.3]], [[0] * 6, [-1] * 5 + [1]], ("p1", "p2"))
        >>> found = summarize(p)
        >>> found["patients"], found["confusion"]["any"], found["mistakes"]
        (2, [[1, 0], [1, 0]], {'missed': 1, 'false_alarms': 0})
    """
    scores, labels, task = predictions.probabilities, predictions.labels, predictions.task
    patients = np.array(predictions.patients)
    has_patients = bool(np.all(patients != ""))
    wrong = find_mistakes(predictions, threshold)
    return {
        "task": task,
        "classes": list(CLASSES[task]),
        "threshold": threshold,
        "slices": len(labels),
        "patients": len(np.unique(patients)) if has_patients else None,
        "labels": {
            name: {
                "positive": int(np.sum(labels[:, column] == 1)),
                "negative": int(np.sum(labels[:, column] == 0)),
                "unknown": int(np.sum(labels[:, column] == UNKNOWN)),
                "positive_patients": len(np.unique(patients[labels[:, column] == 1])) if has_patients else None,
            }
            for column, name in enumerate(LABELS)
        },
        "metrics": classification_metrics(scores, labels, task, threshold),
        "not_computable": not_computable(labels, task),
        "confusion": {name: matrix.tolist() for name, matrix in confusion(scores, labels, task, threshold).items()},
        "mistakes": {
            "missed": int(np.sum(predictions.truth[wrong] == 1)),
            "false_alarms": int(np.sum(predictions.truth[wrong] == 0)),
        },
        "most_confident_mistakes": [describe_slice(predictions, index, threshold) for index in wrong[:MISTAKES]],
    }
