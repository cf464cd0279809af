"""A temperature and a shift: for a network that was trained on more bleeds than it will meet.

Bias-corrected temperature scaling (Alexandari, Kundaje and Shrikumar, ICML 2020, https://arxiv.org/abs/1901.06852). It
differs from the paper in shifting *normal* alone, against all bleeds: of rare subtypes there are too few for a shift
each.
"""

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from bundle.calibration.reliability import calibration_error
from bundle.calibration.temperature import RANGE, fit_temperature, logits_of, scale_temperature
from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.losses import HemorrhageLoss
from bundle.metrics.probabilities import check_scores, label_probabilities
from bundle.statistics import patient_folds


def fit_bias_corrected(probabilities: ArrayLike, labels: ArrayLike, task: str) -> tuple[float, float] | None:
    """Return the temperature and the shift of *normal*'s logit with the least `bundle.losses.HemorrhageLoss`.

    The calibrated logits are those of the probabilities by the temperature, and *normal*'s with the shift added.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``, of slices that the network was not trained on.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`; multilabel, which has no *normal*, gets a temperature alone.

    Returns:
        The temperature within `RANGE`, and the shift; None where no label is known.

    Raises:
        TypeError, ValueError: see `bundle.metrics.check_scores`.
    """
    if task == "multilabel":
        temperature = fit_temperature(probabilities, labels, task)
        return None if temperature is None else (temperature, 0.0)
    scores, truth = check_scores(probabilities, labels, task)
    if not np.any(truth != UNKNOWN):
        return None
    logits, target, loss = torch.from_numpy(logits_of(scores, task)), torch.from_numpy(truth), HemorrhageLoss(task)

    def after(values: np.ndarray) -> float:
        log_temperature, shift = values
        calibrated = logits / np.exp(log_temperature)
        calibrated[:, 0] += shift
        return loss(calibrated, target).item()

    low, high = np.log(RANGE)
    found = minimize(after, (0.0, 0.0), method="Nelder-Mead", bounds=[(low, high), (-20, 20)])
    return float(np.exp(found.x[0])), float(found.x[1])


def apply_bias_corrected(probabilities: ArrayLike, task: str, temperature: float, shift: float) -> np.ndarray:
    """Return the probabilities, float64 [N, C], of the same logits divided by a temperature and with *normal* shifted.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        task: a key of `bundle.labels.CLASSES`.
        temperature: see `fit_bias_corrected`.
        shift: see there; 0 for multilabel.

    Raises:
        TypeError, ValueError: see `bundle.metrics.label_probabilities`.
    """
    scaled = scale_temperature(probabilities, task, temperature)
    if task == "multilabel":
        return scaled
    scaled[:, 0] *= np.exp(shift)
    return scaled / scaled.sum(axis=1, keepdims=True)


def cross_fitted(probabilities: ArrayLike, labels: ArrayLike, groups: ArrayLike, task: str) -> np.ndarray | None:
    """Return the probabilities, float64 [N, C], of which each fifth is calibrated by what fits the other four.

    What a calibration is worth elsewhere is told by these, not by those that it was fitted to.

    Args:
        probabilities: see `fit_bias_corrected`.
        labels: see there.
        groups: [N], the patient of each slice; the slices of one are in one fifth.
        task: see there.

    Returns:
        None where there are fewer than five groups.

    Raises:
        TypeError, ValueError: see `bundle.metrics.check_scores`.
    """
    scores, truth = check_scores(probabilities, labels, task)
    folds = patient_folds(groups)
    if not folds:
        return None
    result = np.array(scores, dtype=np.float64)
    for others, part in folds:
        found = fit_bias_corrected(scores[others], truth[others], task)
        if found is not None:
            result[part] = apply_bias_corrected(scores[part], task, *found)
    return result


def cross_fitted_errors(
    probabilities: ArrayLike, labels: ArrayLike, groups: ArrayLike, task: str
) -> tuple[float, float] | None:
    """Return the expected calibration errors of P(any): as it is, and where each fifth is calibrated by the others.

    Args:
        probabilities: see `cross_fitted`.
        labels: see there.
        groups: see there.
        task: see there.

    Returns:
        None where there are fewer than five groups, or no *any* is known.

    Raises:
        TypeError, ValueError: see `bundle.metrics.check_scores`.
    """
    others = cross_fitted(probabilities, labels, groups, task)
    truth = np.asarray(labels)[:, LABELS.index(ANY)]
    known = truth != UNKNOWN
    if others is None or not known.any():
        return None
    before, after = (
        calibration_error(truth[known], label_probabilities(each, task)[known, LABELS.index(ANY)])
        for each in (probabilities, others)
    )
    return before, after
