"""A temperature and a shift: for a network that was trained on more bleeds than it will meet.

Bias-corrected temperature scaling (Alexandari, Kundaje and Shrikumar, ICML 2020, https://arxiv.org/abs/1901.06852). It
differs from the paper in shifting *normal* alone, against all bleeds: of rare subtypes there are too few for a shift
each.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from bundle.calibration.prevalence import shift_for_prevalence, with_prevalence
from bundle.calibration.reliability import weighted_calibration
from bundle.calibration.task_loss import task_loss
from bundle.calibration.temperature import RANGE, fit_temperature, logits_of, scale_temperature
from bundle.labels import ANY_INDEX
from bundle.predictions import Predictions, check_scores
from bundle.statistics import patient_folds

LARGEST_SHIFT = 20.0
"""Shifts that are tried, in either direction."""

_FIRST_SIMPLEX = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5))


def fit_bias_corrected(probabilities: ArrayLike, labels: ArrayLike, task: str) -> tuple[float, float] | None:
    """Return the temperature and the shift of *normal*'s logit with the least `bundle.losses.HemorrhageLoss`.

    The calibrated logits are those of the probabilities by the temperature, and *normal*'s with the shift added.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``, of slices that the network was not trained on.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`; multilabel, which has no *normal*, gets a temperature alone.

    Returns:
        The temperature within `RANGE`, and the shift; None unless *any* is known of slices with and of slices without
        a hemorrhage, for the loss has no minimum otherwise.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_scores`.
    """
    scores, truth = check_scores(probabilities, labels, task)
    if not {0, 1} <= set(truth[:, ANY_INDEX]):
        return None
    if task == "multilabel":
        temperature = fit_temperature(probabilities, labels, task)
        return None if temperature is None else (temperature, 0.0)
    from scipy.optimize import minimize  # takes most of a second to import

    logits = logits_of(scores, task)

    def after(values: np.ndarray) -> float:
        log_temperature, shift = values
        calibrated = logits / np.exp(log_temperature)
        calibrated[:, 0] += shift
        return task_loss(calibrated, truth, task)

    low, high = np.log(RANGE)
    # SciPy's own first simplex is 0.00025 wide around a zero, and collapses at a bound far from the minimum.
    found = minimize(
        after,
        _FIRST_SIMPLEX[0],
        method="Nelder-Mead",
        bounds=[(low, high), (-LARGEST_SHIFT, LARGEST_SHIFT)],
        options={"initial_simplex": _FIRST_SIMPLEX},
    )
    return float(np.exp(found.x[0])), float(found.x[1])


def at_limit(temperature: float, shift: float = 0.0) -> bool:
    """Return whether a temperature or a shift is at an end of what is tried, so that neither is reliable.

    Args:
        temperature: see `fit_bias_corrected`.
        shift: see there.

    Example:
        >>> at_limit(1.5), at_limit(0.05), at_limit(1.5, -20.0)
        (False, True, True)
    """
    low, high = RANGE
    return not 1.05 * low < temperature < high / 1.05 or abs(shift) > LARGEST_SHIFT / 1.05


def apply_bias_corrected(probabilities: ArrayLike, task: str, temperature: float, shift: float) -> np.ndarray:
    """Return the probabilities, float64 [N, C], of the same logits divided by a temperature and with *normal* shifted.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        task: a key of `bundle.labels.CLASSES`.
        temperature: see `fit_bias_corrected`.
        shift: see there; 0 for multilabel.

    Raises:
        TypeError, ValueError: see `bundle.predictions.check_probabilities`.
    """
    scaled = scale_temperature(probabilities, task, temperature)
    if task == "multilabel":
        return scaled
    scaled[:, 0] *= np.exp(shift)
    return scaled / scaled.sum(axis=1, keepdims=True)


def cross_fitted(predictions: Predictions) -> Predictions | None:
    """Return calibrated predictions, cross-fitted: each fifth of the patients with the calibration of the other four.

    They estimate the calibration error for new patients, which the patients of the fit cannot.

    Args:
        predictions: of slices that the network was not trained on, see `fit_bias_corrected`.

    Returns:
        None where there are fewer than five patients, or some of the others hold no known *any* of both kinds.
    """
    folds = patient_folds(predictions.clusters)
    if not folds:
        return None
    result, task = np.array(predictions.probabilities), predictions.task
    for others, part in folds:
        found = fit_bias_corrected(predictions.probabilities[others], predictions.labels[others], task)
        if found is None:
            return None
        result[part] = apply_bias_corrected(predictions.probabilities[part], task, *found)
    return replace(predictions, probabilities=result)


def cross_fitted_errors(predictions: Predictions, prevalence: float | None = None) -> tuple[float, float] | None:
    """Return the expected calibration error of P(any) before and after calibration, the latter `cross_fitted`.

    Args:
        predictions: see `cross_fitted`.
        prevalence: share of slices with a hemorrhage for which both are estimated, by weighting the slices, and to
            which *normal* is shifted (`shift_for_prevalence`); by default that of these slices.

    Returns:
        None where `cross_fitted` is.

    Raises:
        ValueError: see `shift_for_prevalence`.
    """
    calibrated, known = cross_fitted(predictions), predictions.known
    if calibrated is None:
        return None
    truth = predictions.truth[known]
    if prevalence is not None:
        moved = shift_for_prevalence(truth, prevalence)
        shifted = apply_bias_corrected(calibrated.probabilities, predictions.task, 1, moved)
        calibrated = replace(calibrated, probabilities=shifted)

    def error(p_any: np.ndarray) -> float:
        metrics = weighted_calibration(truth, p_any)
        if prevalence is not None:
            metrics = with_prevalence(metrics, truth, prevalence)
        return float(metrics(np.ones((1, len(truth))))["calibration_error"][0])

    return error(predictions.p_any[known]), error(calibrated.p_any[known])
