"""Calibration of probabilities, and thresholds; both are chosen on the validation split."""

from bundle.calibration.bias_corrected import (
    apply_bias_corrected,
    at_limit,
    cross_fitted,
    cross_fitted_errors,
    fit_bias_corrected,
)
from bundle.calibration.described import fit_described
from bundle.calibration.operating_point import (
    CHOOSE,
    SENSITIVITIES,
    SPECIFICITIES,
    threshold_for_sensitivity,
    threshold_for_specificity,
    thresholds_of_others,
    weighted_decisions,
)
from bundle.calibration.prevalence import shift_for_prevalence, with_prevalence
from bundle.calibration.reliability import BINS, Reliability, calibration_error, reliability, weighted_calibration
from bundle.calibration.temperature import RANGE, fit_temperature, pooled, probabilities_of, scale_temperature

__all__ = [
    "BINS",
    "CHOOSE",
    "RANGE",
    "SENSITIVITIES",
    "SPECIFICITIES",
    "Reliability",
    "apply_bias_corrected",
    "at_limit",
    "calibration_error",
    "cross_fitted",
    "cross_fitted_errors",
    "fit_bias_corrected",
    "fit_described",
    "fit_temperature",
    "pooled",
    "probabilities_of",
    "reliability",
    "scale_temperature",
    "shift_for_prevalence",
    "threshold_for_sensitivity",
    "threshold_for_specificity",
    "thresholds_of_others",
    "weighted_calibration",
    "weighted_decisions",
    "with_prevalence",
]
