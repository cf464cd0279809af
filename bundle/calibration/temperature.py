"""Temperature scaling: one number that corrects an over- or underconfident network.

Guo, Pleiss, Sun and Weinberger, ICML 2017, https://arxiv.org/abs/1706.04599. It changes no slice's most probable class.
"""

import numpy as np
from numpy.typing import ArrayLike

from bundle.calibration.task_loss import has_target, task_loss
from bundle.predictions import check_probabilities, check_scores

RANGE = (0.05, 20.0)
"""Temperatures that are tried."""

_SMALLEST = 1e-30
_SATURATED = 1e-7
"""A float32 sigmoid comes no nearer to 1."""


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike, task: str) -> float | None:
    """Return the temperature with the least `bundle.losses.HemorrhageLoss`; 1 where none is better than that.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``, of other slices than those it will be applied to.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.

    Returns:
        Between the ends of `RANGE`, above 1 where the network is overconfident; None where the labels are not known
        from which the loss is computed. At an end, a temperature is not sufficient: at the lower one, all labels are
        predicted correctly.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_scores`.
    """
    scores, truth = check_scores(probabilities, labels, task)
    if not has_target(truth, task).any():
        return None
    from scipy.optimize import minimize_scalar  # takes most of a second to import

    logits = logits_of(scores, task)

    def after(log_temperature: float) -> float:
        return task_loss(logits / np.exp(log_temperature), truth, task)

    found = minimize_scalar(after, bounds=np.log(RANGE), method="bounded")
    # Where the loss is flat, as of equal probabilities, any temperature is as good as another.
    return float(np.exp(found.x)) if found.fun < after(0) - 1e-6 else 1.0


def scale_temperature(probabilities: ArrayLike, task: str, temperature: float) -> np.ndarray:
    """Return the probabilities, float64 [N, C], of the same logits divided by a temperature.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        task: a key of `bundle.labels.CLASSES`.
        temperature: above 0.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_probabilities`.
    """
    return probabilities_of(logits_of(check_probabilities(probabilities, task), task) / temperature, task)


def probabilities_of(logits: ArrayLike, task: str) -> np.ndarray:
    """Return the probabilities that logits stand for, both float64 [N, C] in the order of ``CLASSES[task]``.

    A softmax, or for multilabel a sigmoid of each.
    """
    values = np.asarray(logits, dtype=np.float64)
    if task == "multilabel":
        return np.exp(-np.logaddexp(0, -values))
    return np.exp(values - np.logaddexp.reduce(values, axis=1, keepdims=True))


def pooled(first: ArrayLike, second: ArrayLike, task: str) -> np.ndarray:
    """Return the probabilities, float64 [N, C], of the sum of two networks' logits.

    Args:
        first: [N, C] in the order of ``CLASSES[task]``.
        second: likewise, of the same slices.
        task: a key of `bundle.labels.CLASSES`.

    Example:
        >>> pooled([[0.5, 0.5], [0.2, 0.8]], [[0.3, 0.7], [0.8, 0.2]], "binary").round(2).tolist()
        [[0.3, 0.7], [0.5, 0.5]]
    """
    return probabilities_of(logits_of(np.asarray(first), task) + logits_of(np.asarray(second), task), task)


def logits_of(scores: np.ndarray, task: str) -> np.ndarray:
    """Return logits that give these probabilities, both [N, C] in the order of ``CLASSES[task]``."""
    if task == "multilabel":
        p = np.clip(scores, _SATURATED, 1 - _SATURATED)
        return np.log(p) - np.log1p(-p)
    return np.log(np.maximum(scores, _SMALLEST))
