"""Coverage and size of prediction sets."""

from typing import NamedTuple

import numpy as np

from bundle.statistics import WeightedMetrics, weighted_ratios


def covered(sets: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return whether each set holds all that is true, bool [N].

    Args:
        sets: bool [N, K].
        truth: bool [N, K].
    """
    return ~np.any(truth & ~sets, axis=1)


def weighted_coverage(sets: np.ndarray, truth: np.ndarray) -> WeightedMetrics:
    """Return a function of weights that gives the metrics of sets, for `bundle.statistics.bootstrap`.

    They are ``coverage``, the share of sets that hold all that is true; ``size``, the mean number of classes in a set;
    ``decided``, the share of sets of one class; and ``coverage_<k>`` for each class k, the coverage of the rows that
    are truly of it. NaN where there is nothing of the kind.

    Args:
        sets: bool [N, K].
        truth: bool [N, K].
    """
    holds, everything = covered(sets, truth), np.ones(len(sets))
    parts = {
        "coverage": (holds, everything),
        "size": (sets.sum(axis=1), everything),
        "decided": (sets.sum(axis=1) == 1, everything),
        **{f"coverage_{k}": (holds & truth[:, k], truth[:, k]) for k in range(sets.shape[1])},
    }
    return weighted_ratios(parts)


class PatientCoverage(NamedTuple):
    """Of each patient's slices, how many sets hold the truth."""

    patients: int
    mean: float
    """Mean of the patients' coverages: each patient counts once, however many slices there are."""
    lowest: float
    below: int
    """Patients whose coverage is below the level."""


def coverage_by_patient(holds: np.ndarray, patients: np.ndarray, level: float) -> PatientCoverage:
    """Return how the coverage is spread over patients.

    Args:
        holds: bool [N], at least one.
        patients: [N].
        level: of the coverage.
    """
    _, patient = np.unique(patients, return_inverse=True)
    shares = np.bincount(patient, weights=holds) / np.bincount(patient)
    return PatientCoverage(len(shares), float(shares.mean()), float(shares.min()), int(np.sum(shares < level)))
