"""Thresholds of P(any) for a wanted sensitivity or specificity."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from bundle.statistics import WeightedMetrics, patient_folds, weighted_ratios


def threshold_for_sensitivity(truth: ArrayLike, probability: ArrayLike, wanted: float) -> float | None:
    """Return the highest threshold from which on at least the wanted share of the positives is called.

    Args:
        truth: [N], 1 or 0.
        probability: [N]; a slice is called where it is at least the threshold.
        wanted: sensitivity, above 0 and at most 1.

    Returns:
        The probability of a positive slice; None where there is none.

    Raises:
        ValueError: when the wanted share is no such number.
    """
    positives = np.sort(np.asarray(probability)[np.asarray(truth) == 1])[::-1]
    called = _needed(len(positives), wanted)
    return float(positives[called - 1]) if called else None


def threshold_for_specificity(truth: ArrayLike, probability: ArrayLike, wanted: float) -> float | None:
    """Return the lowest threshold below which at least the wanted share of the negatives is.

    Args:
        truth: [N], 1 or 0.
        probability: [N]; a slice is called where it is at least the threshold.
        wanted: specificity, above 0 and at most 1.

    Returns:
        The number next above the probability of a negative slice; None where there is none.

    Raises:
        ValueError: when the wanted share is no such number.
    """
    negatives = np.sort(np.asarray(probability)[np.asarray(truth) == 0])
    passed = _needed(len(negatives), wanted)
    return float(np.nextafter(negatives[passed - 1], np.inf)) if passed else None


CHOOSE = {"sensitivity": threshold_for_sensitivity, "specificity": threshold_for_specificity}
"""What can be wanted of a threshold, and how it is chosen."""

SENSITIVITIES = (0.9, 0.95)
"""Default targets of the operating points."""

SPECIFICITIES = (0.9,)
"""The same."""


def thresholds_of_others(
    truth: ArrayLike,
    probability: ArrayLike,
    groups: ArrayLike,
    choose: Callable[[np.ndarray, np.ndarray], float | None],
) -> np.ndarray | None:
    """Return for each slice, [N], the threshold chosen on the other fifths of the patients (cross-fitting).

    They estimate the sensitivity and specificity for new patients, which a threshold chosen on all of them cannot.

    Args:
        truth: [N], 1 or 0.
        probability: [N].
        groups: [N], the patient of each slice; the slices of one are in one fifth.
        choose: from truth and probability to a threshold, or None where they hold nothing to choose it by.

    Returns:
        None where there are fewer than five groups, or some of the others cannot choose.
    """
    y, p = np.asarray(truth), np.asarray(probability)
    folds = patient_folds(groups)
    chosen = [choose(y[others], p[others]) for others, _ in folds]
    if not folds or None in chosen:
        return None
    thresholds = np.empty(len(y))
    for (_, part), threshold in zip(folds, chosen, strict=True):
        thresholds[part] = threshold
    return thresholds


def weighted_decisions(truth: np.ndarray, called: np.ndarray) -> WeightedMetrics:
    """Return a function of weights that gives the metrics of binary decisions, for `bundle.statistics.bootstrap`.

    Its metrics are ``sensitivity``, ``specificity``, ``ppv`` and ``npv`` (the positive and negative predictive value)
    and ``called`` (the share that is called), each NaN where nothing of the kind is there.

    Args:
        truth: [N], 1 or 0.
        called: [N], whether each slice is called positive.
    """
    y, c = np.asarray(truth) == 1, np.asarray(called, dtype=bool)
    return weighted_ratios(
        {
            "sensitivity": (y & c, y),
            "specificity": (~y & ~c, ~y),
            "ppv": (y & c, c),
            "npv": (~y & ~c, ~c),
            "called": (c, np.ones_like(c)),
        }
    )


def _needed(count: int, wanted: float) -> int:
    if not 0 < wanted <= 1:
        raise ValueError(f"a wanted sensitivity or specificity must be above 0 and at most 1, got {wanted}")
    # Without the tolerance 0.95 of 20 would be 20.
    return math.ceil(count * wanted - 1e-9)
