"""Heads of predictions: their peaks and labels, and the calibrations that are fitted on them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bundle.heads.calibration import HeadCalibration, fit_heads
from bundle.heads.coverage import Coverage
from bundle.heads.heads_file import Heads
from bundle.heads.peak import head_peak
from bundle.labels import ANY_INDEX, LABELS, UNKNOWN
from bundle.predictions import Predictions, View, group_members, is_thin, study_labels


class WholeHeads(NamedTuple):
    """M whole heads."""

    peaks: np.ndarray
    """[M, 6] in the order of `LABELS`, see `bundle.heads.head_peak`."""
    labels: np.ndarray
    """[M, 6], each 1, 0 or `UNKNOWN`."""
    patients: np.ndarray
    """[M] names."""
    distances: np.ndarray
    """[M], median of the slices' feature distances; NaN where none were measured."""

    def restricted(self, chosen: np.ndarray) -> "WholeHeads":
        """Return some of the heads, by bool [M] or indices."""
        return WholeHeads(*(part[chosen] for part in self))


Rule = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From the probabilities [n, K] and positions [n] of a head's slices to its scores [K]."""


def head_members(predictions: Predictions) -> list[np.ndarray]:
    """Return the indices of the slices of each series that is a whole head, see `bundle.heads.Coverage`.

    Thin series are left out (`bundle.predictions.is_thin`): inference scores them as slabs, so that their slices, which
    are scored one by one here, have other probabilities than there.
    """
    return [members for members in _whole_series(predictions) if not is_thin(predictions.positions[members])]


def thin_heads(predictions: Predictions) -> int:
    """Return how many whole heads `head_members` leaves out, because their slices are thin."""
    return sum(is_thin(predictions.positions[members]) for members in _whole_series(predictions))


def _whole_series(predictions: Predictions) -> list[np.ndarray]:
    series = predictions.details.get("series", ("",) * len(predictions))
    groups = group_members(list(zip(predictions.studies, series, strict=True)))
    covered = [Coverage.of(predictions.positions[members]) for members in groups]
    return [members for members, found in zip(groups, covered, strict=True) if found.is_placed and found.is_whole]


def whole_heads(predictions: Predictions, placed: bool = True, rule: Rule = head_peak) -> WholeHeads:
    """Return the series of the predictions that are whole heads.

    Args:
        predictions: of slices, with the positions of those that are to be heads.
        placed: whether the positions are used; if not, each head gets the peak that it would have without them.
        rule: that makes the peaks.
    """
    peaks, labels, patients, distances = [], [], [], []
    for members in head_members(predictions):
        used = predictions.positions[members] if placed else np.full(len(members), np.nan)
        peaks.append(rule(predictions.label_probabilities[members], used))
        of_study = None if predictions.study_labels is None else predictions.study_labels[members]
        labels.append(study_labels(predictions.labels[members], [""] * len(members), of_study)[0])
        patients.append(str(predictions.clusters[members[0]]))
        distances.append(np.nan if predictions.distances is None else np.median(predictions.distances[members]))
    shape = (-1, len(LABELS))
    return WholeHeads(np.reshape(peaks, shape), np.reshape(labels, shape), np.array(patients), np.array(distances))


def fit_calibrations(smoothed: Predictions, alone: Predictions, view: View) -> Heads:
    """Fit the calibrations of heads with positions, and of heads without.

    Args:
        smoothed: predictions of slices as inference writes them.
        alone: the same before smoothing, as slices without positions stay.
        view: of the slices, with the smoothing of the first.
    """
    return Heads(
        smoothed.task,
        view,
        placed=fit_on_heads(whole_heads(smoothed)),
        unplaced=fit_on_heads(whole_heads(alone, placed=False)),
    )


def fit_on_heads(heads: WholeHeads) -> HeadCalibration | None:
    """Return the calibration of heads, fitted on those of which the label is known; None where they are too few."""
    known = heads.restricted(heads.labels[:, ANY_INDEX] != UNKNOWN)
    return fit_heads(known.peaks[:, ANY_INDEX], known.labels[:, ANY_INDEX])
