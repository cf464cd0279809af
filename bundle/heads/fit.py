"""Heads of predictions: their peaks and labels, and what is fitted on them."""

from typing import NamedTuple

import numpy as np

from bundle.heads.calibration import HeadCalibration, fit_heads
from bundle.heads.coverage import Coverage
from bundle.heads.heads_file import Heads
from bundle.heads.peak import head_peak
from bundle.labels import ANY_INDEX, LABELS, UNKNOWN
from bundle.predictions import Predictions, group_members, study_labels
from bundle.statistics import patient_folds


class WholeHeads(NamedTuple):
    """M whole heads."""

    peaks: np.ndarray
    """[M, 6] in the order of `LABELS`, see `bundle.heads.head_peak`."""
    labels: np.ndarray
    """[M, 6], each 1, 0 or `UNKNOWN`."""
    patients: np.ndarray
    """[M] names."""


def whole_heads(predictions: Predictions, placed: bool = True) -> WholeHeads:
    """Return the series of the predictions that are whole heads, see `bundle.heads.Coverage`.

    Args:
        predictions: of slices, with the positions of those that are to be heads.
        placed: whether the positions are used; if not, each head gets the peak that it would have without them.
    """
    series = predictions.details.get("series", ("",) * len(predictions))
    peaks, labels, patients = [], [], []
    for members in group_members(list(zip(predictions.studies, series, strict=True))):
        positions = predictions.positions[members]
        coverage = Coverage.of(positions)
        if not (coverage.is_placed and coverage.is_whole):
            continue
        used = positions if placed else np.full(len(members), np.nan)
        peaks.append(head_peak(predictions.label_probabilities[members], used))
        of_study = None if predictions.study_labels is None else predictions.study_labels[members]
        labels.append(study_labels(predictions.labels[members], [""] * len(members), of_study)[0])
        patients.append(str(predictions.clusters[members[0]]))
    shape = (-1, len(LABELS))
    return WholeHeads(np.reshape(peaks, shape), np.reshape(labels, shape), np.array(patients))


def fit_calibrations(smoothed: Predictions, alone: Predictions, slice_smoothing: float) -> Heads:
    """Fit the calibrations of heads with positions, and of heads without.

    Args:
        smoothed: predictions of slices as inference writes them.
        alone: the same before smoothing, as slices without positions stay.
        slice_smoothing: of the first, in mm.
    """
    return Heads(
        smoothed.task,
        slice_smoothing,
        placed=_fitted(whole_heads(smoothed)),
        unplaced=_fitted(whole_heads(alone, placed=False)),
    )


def cross_fitted_sets(heads: WholeHeads) -> tuple[np.ndarray, np.ndarray] | None:
    """Return P(any) and the sets of each head by the calibration of other patients, or None where those are too few.

    Returns:
        [M] and bool [M, 2]; of heads whose label is unknown, too.
    """
    peaks, truth = heads.peaks[:, ANY_INDEX], heads.labels[:, ANY_INDEX]
    p_any, sets = np.full(len(peaks), np.nan), np.zeros((len(peaks), 2), bool)
    folds = patient_folds(heads.patients)
    for others, own in folds:
        known = others[truth[others] != UNKNOWN]
        fitted = fit_heads(peaks[known], truth[known])
        if fitted is None:
            return None
        p_any[own] = fitted.p_any(peaks[own])
        sets[own] = fitted.sets(p_any[own])
    return (p_any, sets) if folds else None


def _fitted(heads: WholeHeads) -> HeadCalibration | None:
    truth = heads.labels[:, ANY_INDEX]
    known = truth != UNKNOWN
    return fit_heads(heads.peaks[known][:, ANY_INDEX], truth[known])
