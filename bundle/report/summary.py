"""What the report says of every split: counts, figures, mistakes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bundle.labels import ANY, CLASSES, HEMORRHAGE, LABELS, NORMAL, SUBTYPES, UNKNOWN
from bundle.metrics import (
    THRESHOLD,
    classification_metrics,
    confusion,
    decisions,
    label_probabilities,
    not_computable,
)
from bundle.report.predictions import Predictions

MISTAKES = 20
"""How many of the most confident mistakes are listed."""

_ANY = LABELS.index(ANY)


def summarize(
    predictions: Predictions,
    dataset: str | None = None,
    configuration: Mapping[str, Any] | None = None,
    threshold: float = THRESHOLD,
) -> dict[str, Any]:
    """Return what report.json holds beside the content of the sections.

    It holds no patient's pseudonym and no file name, only counts and lines of predictions.csv:

    - ``dataset``: its name, or null.
    - ``configuration``: what the network was and how its input was made, as given.
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
      true labels and of the class with the highest probability (``multilabel``: of the subtypes called).
    """
    scores, labels, task = predictions.probabilities, predictions.labels, predictions.task
    patients = np.array(predictions.patients)
    has_patients = bool(np.all(patients != ""))
    wrong = find_mistakes(predictions, threshold)
    return {
        "dataset": dataset,
        "configuration": dict(configuration or {}),
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
            "missed": int(np.sum(labels[wrong, _ANY] == 1)),
            "false_alarms": int(np.sum(labels[wrong, _ANY] == 0)),
        },
        "most_confident_mistakes": [describe_slice(predictions, index, threshold) for index in wrong[:MISTAKES]],
    }


def find_mistakes(predictions: Predictions, threshold: float) -> np.ndarray:
    """Return the indices of the slices that were called wrongly, the farthest from the truth first."""
    truth = predictions.labels[:, _ANY]
    p_any = label_probabilities(predictions.probabilities, predictions.task)[:, _ANY]
    decided = decisions(predictions.probabilities, predictions.task, threshold)[:, _ANY]
    wrong = np.flatnonzero((truth != UNKNOWN) & (truth != decided))
    return wrong[np.argsort(-np.abs(p_any - truth)[wrong], kind="stable")]


def describe_slice(predictions: Predictions, index: int, threshold: float = THRESHOLD) -> dict[str, Any]:
    """Return what there is to say of slice `index`: ``{"line", "truth", "predicted", "p_any"}``, see `summarize`."""
    score, task = predictions.probabilities[index : index + 1], predictions.task
    if task == "multilabel":
        called = [name for name, yes in zip(LABELS, decisions(score, task, threshold)[0], strict=True) if yes]
        predicted = ", ".join(name for name in called if name != ANY) or (HEMORRHAGE if called else NORMAL)
    else:
        predicted = CLASSES[task][int(score.argmax())]
    return {
        "line": predictions.lines[index],
        "truth": describe_truth(predictions.labels[index]),
        "predicted": predicted,
        "p_any": float(label_probabilities(score, task)[0, _ANY]),
    }


def describe_truth(label: np.ndarray) -> str:
    """Return the true labels of a slice, [6] in the order of `LABELS`, in words."""
    if label[_ANY] == UNKNOWN:
        return "unknown"
    if label[_ANY] == 0:
        return NORMAL
    return ", ".join(np.array(SUBTYPES)[label[: len(SUBTYPES)] == 1]) or "bleed of unknown subtype"
