"""Limits of probabilities and distances for one level of coverage, fitted on the validation split."""

from typing import NamedTuple

import numpy as np

from bundle.predictions import Predictions
from bundle.statistics import patient_folds
from bundle.uncertainty.conformal import conformal_quantile, fit_any, fit_classes


class Limits(NamedTuple):
    """The conformal quantiles of validation at one level; infinite where there were too few slices."""

    level: float
    """Of the coverage, between 0 and 1."""
    normal: float
    """P(any) up to which *normal* belongs to a slice's set."""
    hemorrhage: float
    """1 − P(any) up to which *hemorrhage* does."""
    classes: float
    """1 − probability up to which a class belongs to a slice's set of the classes; NaN for the task ``binary``."""
    distance: float
    """Distance up to which a slice is like those of validation; NaN where no distances were taken."""


def fit_limits(validation: Predictions, level: float) -> Limits:
    """Fit the limits on the slices of validation.

    Args:
        validation: with the distances of each slice to other patients', see `held_out_distances`, where measured.
        level: of the coverage, between 0 and 1.
    """
    task = validation.task
    return Limits(
        level,
        *fit_any(validation.p_any, validation.truth, level),
        np.nan if task == "binary" else fit_classes(validation.probabilities, validation.labels, task, level),
        np.nan if validation.distances is None else conformal_quantile(validation.distances, level),
    )


def limits_by_patient(validation: Predictions, level: float) -> dict[str, Limits]:
    """Return for each patient the limits that are fitted on the other fifths of the patients (cross-fitting).

    They estimate what sets and limits are worth for new patients, which limits that are fitted on all cannot.

    Args:
        validation: see `fit_limits`.
        level: of the coverage, between 0 and 1.

    Returns:
        Name of a patient, see `Predictions.clusters`, → limits; empty where there are fewer than five patients.
    """
    clusters = validation.clusters
    found: dict[str, Limits] = {}
    for others, own in patient_folds(clusters):
        found |= dict.fromkeys(clusters[own].tolist(), fit_limits(validation.restricted(others), level))
    return found
