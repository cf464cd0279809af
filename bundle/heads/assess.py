"""What calibrations say of whole heads."""

from typing import NamedTuple

import numpy as np

from bundle.heads.calibration import HeadCalibration
from bundle.heads.fit import WholeHeads, fit_on_heads
from bundle.labels import ANY_INDEX
from bundle.statistics import patient_folds
from bundle.uncertainty import ANY_CLASSES


class Assessed(NamedTuple):
    """What is said of M heads."""

    p_any: np.ndarray
    """[M]."""
    sets: np.ndarray
    """bool [M, 2], of *any*, in the order of `bundle.uncertainty.ANY_CLASSES`."""
    thresholds: np.ndarray
    """[M], P(any) from which on each is called a hemorrhage."""

    @property
    def called(self) -> np.ndarray:
        """Which are called a hemorrhage, bool [M]."""
        return self.p_any >= self.thresholds

    @property
    def excluded(self) -> np.ndarray:
        """Of which a hemorrhage is excluded, bool [M]."""
        return self.sets[:, 0] & ~self.sets[:, 1]


def assess(heads: WholeHeads, calibration: HeadCalibration) -> Assessed:
    """Return what a calibration says of heads."""
    p_any = calibration.p_any(heads.peaks[:, ANY_INDEX])
    return Assessed(p_any, calibration.sets(p_any), np.full(len(p_any), calibration.threshold))


def assess_cross_fitted(heads: WholeHeads) -> Assessed | None:
    """Return what is said of each head by the calibration of other patients, or None where those are too few.

    A head whose label is unknown is assessed, but not fitted on.
    """
    count = len(heads.patients)
    result = Assessed(np.full(count, np.nan), np.zeros((count, len(ANY_CLASSES)), bool), np.full(count, np.nan))
    folds = patient_folds(heads.patients) if count else []
    for others, own in folds:
        fitted = fit_on_heads(heads.restricted(others))
        if fitted is None:
            return None
        said = assess(heads.restricted(own), fitted)
        for part, value in zip(result, said, strict=True):
            part[own] = value
    return result if folds else None
