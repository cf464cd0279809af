"""How sure the network may be: prediction sets, likeness to what is known, and when to refer to a radiologist."""

from bundle.uncertainty.calibration import Calibration, calibration_path, read_calibration, write_calibration
from bundle.uncertainty.conformal import (
    ANY_CLASSES,
    LEVELS,
    SET_CLASSES,
    any_sets,
    class_sets,
    conformal_quantile,
    fewest,
    true_classes,
)
from bundle.uncertainty.coverage import coverage_by_patient, covered, resampled_coverage
from bundle.uncertainty.features import PenultimateFeatures
from bundle.uncertainty.gaussian import Gaussian, fit_gaussian, held_out_distances
from bundle.uncertainty.limits import Limits, fit_limits
from bundle.uncertainty.referral import LEVEL, RiskCoverage, refer, risk_coverage

__all__ = [
    "ANY_CLASSES",
    "LEVEL",
    "LEVELS",
    "SET_CLASSES",
    "Calibration",
    "Gaussian",
    "Limits",
    "PenultimateFeatures",
    "RiskCoverage",
    "any_sets",
    "calibration_path",
    "class_sets",
    "conformal_quantile",
    "coverage_by_patient",
    "covered",
    "fewest",
    "fit_gaussian",
    "fit_limits",
    "held_out_distances",
    "read_calibration",
    "refer",
    "resampled_coverage",
    "risk_coverage",
    "true_classes",
    "write_calibration",
]
