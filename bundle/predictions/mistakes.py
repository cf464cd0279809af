"""Slices that were predicted wrongly, and the description of a slice."""

from typing import Any

import numpy as np

from bundle.labels import ANY, ANY_INDEX, CLASSES, HEMORRHAGE, LABELS, NORMAL, SUBTYPES, UNKNOWN
from bundle.predictions.predictions import Predictions
from bundle.predictions.probabilities import THRESHOLD


def find_mistakes(predictions: Predictions, threshold: float = THRESHOLD) -> np.ndarray:
    """Return the indices of the slices that were predicted wrongly, those with P(any) farthest from the label first.

    Example:
        >>> p = Predictions("binary", [[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]], [[0] * 6, [-1] * 5 + [1], [0] * 6])
        >>> find_mistakes(p)  # a false positive of 0.8, then a false negative of 0.3
        array([2, 1])
    """
    truth = predictions.truth
    wrong = np.flatnonzero(predictions.known & (truth != predictions.decided(threshold)))
    return wrong[np.argsort(-np.abs(predictions.p_any - truth)[wrong], kind="stable")]


def describe_slice(predictions: Predictions, index: int, threshold: float = THRESHOLD) -> dict[str, Any]:
    """Return the description of slice `index`.

    Returns:
        ``{"line", "truth", "predicted", "p_any"}``: its line in predictions.csv, the names of the true labels, and the
        name of the class with the highest probability (``multilabel``: of the subtypes that are called).

    Example:
        >>> describe_slice(Predictions("binary", [[0.8, 0.2]], [[-1] * 5 + [1]]), 0)
        {'line': 2, 'truth': 'bleed of unknown subtype', 'predicted': 'normal', 'p_any': 0.2}
    """
    task = predictions.task
    if task == "multilabel":
        of_labels = predictions.restricted([index]).decisions(threshold)[0]
        called = [name for name, yes in zip(LABELS, of_labels, strict=True) if yes]
        predicted = ", ".join(name for name in called if name != ANY) or (HEMORRHAGE if called else NORMAL)
    else:
        predicted = CLASSES[task][int(predictions.probabilities[index].argmax())]
    return {
        "line": predictions.lines[index],
        "truth": describe_truth(predictions.labels[index]),
        "predicted": predicted,
        "p_any": float(predictions.p_any[index]),
    }


def describe_truth(label: np.ndarray) -> str:
    """Return the true labels of a slice, [6] in the order of `LABELS`, in words.

    Example:
        >>> describe_truth(np.array([0, 1, 0, 0, 1, 1]))
        'intraparenchymal, subdural'
    """
    if label[ANY_INDEX] == UNKNOWN:
        return "unknown"
    if label[ANY_INDEX] == 0:
        return NORMAL
    return ", ".join(np.array(SUBTYPES)[label[: len(SUBTYPES)] == 1]) or "bleed of unknown subtype"


def class_to_explain(predictions: Predictions, index: int) -> int:
    """Return the class to explain in slice `index`: the most probable of its true ones, else of all bleed classes.

    Example:
        >>> p = Predictions("subtype", [[0.5, 0.0, 0.1, 0.0, 0.0, 0.4]], [[0, 1, 0, 0, 0, 1]])
        >>> CLASSES["subtype"][class_to_explain(p, 0)]
        'intraparenchymal'
    """
    probabilities, label = predictions.probabilities[index], predictions.labels[index]
    classes = CLASSES[predictions.task]
    own = [classes.index(name) for name, value in zip(SUBTYPES, label, strict=False) if value == 1 and name in classes]
    return max(own, key=lambda each: probabilities[each]) if own else likeliest_bleed(probabilities, predictions.task)


def likeliest_bleed(probabilities: np.ndarray, task: str) -> int:
    """Return the index of the bleed class with the highest of `probabilities` [C].

    *Normal* is never chosen, and *any* only where it is the network's one bleed class.

    Example:
        >>> CLASSES["subtype"][likeliest_bleed(np.array([0.7, 0.0, 0.2, 0.0, 0.0, 0.1]), "subtype")]
        'intraparenchymal'
    """
    candidates = [index for index, name in enumerate(CLASSES[task]) if name not in (NORMAL, ANY)]
    return max(candidates, key=lambda index: probabilities[index])
