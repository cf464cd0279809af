"""Prediction sets with a guaranteed coverage: split conformal prediction.

Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World (2005); the sets are those of Sadinle, Lei &
Wasserman, Least Ambiguous Set-Valued Classifiers (LAC, https://arxiv.org/abs/1609.00451): a class belongs to the set
where its probability is at least what the truth had in all but a share of the calibration slices. Of the sets with a
given coverage they are the smallest on average, they need no random numbers, and the probabilities need not sum to 1,
so that they can also be used for sigmoids.

The coverage is guaranteed for slices that are exchangeable with those of the calibration. Slices of one patient are
not: they are correlated, so with few patients the coverage varies more than with as many independent slices.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY_INDEX, CLASSES, HEMORRHAGE, NORMAL, SUBTYPES, UNKNOWN
from bundle.predictions import label_probabilities, true_classes

LEVELS = (0.9, 0.95)
"""Levels of the coverage."""

ANY_CLASSES = (NORMAL, HEMORRHAGE)
"""What a set of *any* is chosen from."""

SET_CLASSES = CLASSES["subtype"]
"""What a set of the classes is chosen from, whatever the task: normal, and the subtypes."""


def conformal_quantile(scores: ArrayLike, level: float) -> float:
    """Return the value that a further exchangeable score exceeds with a probability of at most 1 − `level`.

    It is the ⌈(n + 1) · level⌉-th smallest of the n scores, and infinite where there are fewer than that.

    Args:
        scores: [n].
        level: between 0 and 1.
    """
    ordered = np.sort(np.asarray(scores, dtype=np.float64))
    # The product of a level and a whole number may lie a hair above the whole number that it is.
    rank = math.ceil((len(ordered) + 1) * level - 1e-9)
    return float(ordered[rank - 1]) if rank <= len(ordered) else math.inf


def fewest(level: float) -> int:
    """Return how many scores `conformal_quantile` needs, so that it is finite."""
    return math.ceil(level / (1 - level) - 1e-9)


def fit_any(p_any: ArrayLike, truth: ArrayLike, level: float) -> tuple[float, float]:
    """Return how little *normal* and *hemorrhage* may conform and still belong to the set.

    Each class has a quantile of its own, of the slices that are truly of it (Vovk's Mondrian sets), so that the
    coverage is promised of the bleeds as of the normal slices: bleeds are few, and a common quantile could miss most.

    Args:
        p_any: [N], of slices or of studies.
        truth: [N], 1, 0 or `UNKNOWN`, which is left out.
        level: between 0 and 1.
    """
    scores, known = _any_scores(p_any), np.asarray(truth)
    return conformal_quantile(scores[known == 0, 0], level), conformal_quantile(scores[known == 1, 1], level)


def any_sets(p_any: ArrayLike, quantiles: ArrayLike) -> np.ndarray:
    """Return the sets of *any*, bool [N, 2] in the order of `ANY_CLASSES`.

    Args:
        p_any: [N].
        quantiles: see `fit_any`; [2], or [N, 2] where each has its own.
    """
    return _any_scores(p_any) <= np.asarray(quantiles)


def fit_classes(probabilities: ArrayLike, labels: ArrayLike, task: str, level: float) -> float:
    """Return how little a class may conform and still belong to the set of the classes; see `classes_known`.

    One quantile serves all classes: of the rare ones too few slices are known for one of their own.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``; the task is not ``binary``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.
        level: between 0 and 1.
    """
    values = np.asarray(labels)
    least = np.where(true_classes(values), _class_scores(probabilities, task), -np.inf).max(axis=1)
    return conformal_quantile(least[classes_known(values)], level)


def class_sets(probabilities: ArrayLike, task: str, quantile: ArrayLike) -> np.ndarray:
    """Return the sets of the classes, bool [N, 6] in the order of `SET_CLASSES`.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``; the task is not ``binary``.
        task: a key of `bundle.labels.CLASSES`.
        quantile: see `fit_classes`; [N, 1] where each slice has its own.
    """
    return _class_scores(probabilities, task) <= np.asarray(quantile)


def classes_known(labels: np.ndarray) -> np.ndarray:
    """Return of which slices all labels are known, bool [N].

    Of the others no set of the classes can be shown to cover what is true; one that does holds all true subtypes.

    Args:
        labels: [N, 6] in the order of `bundle.labels.LABELS`, each 1, 0 or `UNKNOWN`.
    """
    return np.all(labels != UNKNOWN, axis=1)


def _any_scores(p_any: ArrayLike) -> np.ndarray:
    p = np.asarray(p_any, dtype=np.float64)
    return np.column_stack([p, 1 - p])


def _class_scores(probabilities: ArrayLike, task: str) -> np.ndarray:
    of_labels = label_probabilities(probabilities, task)
    return np.column_stack([of_labels[:, ANY_INDEX], 1 - of_labels[:, : len(SUBTYPES)]])
