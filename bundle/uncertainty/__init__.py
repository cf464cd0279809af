"""Uncertainty of predictions: prediction sets, distance to the validation slices, and referral to a radiologist."""

from bundle.uncertainty.conformal import (
    ANY_CLASSES,
    LEVELS,
    SET_CLASSES,
    any_sets,
    class_sets,
    classes_known,
    conformal_quantile,
    fewest,
    fit_any,
)
from bundle.uncertainty.coverage import coverage_by_patient, covered, weighted_coverage
from bundle.uncertainty.fit import fit_uncertainty
from bundle.uncertainty.gaussian import Gaussian, fit_gaussian, held_out_distances
from bundle.uncertainty.limits import Limits, fit_limits, limits_by_patient
from bundle.uncertainty.referral import LEVEL, UNLIKE, RiskCoverage, refer, risk_coverage
from bundle.uncertainty.uncertainty_file import (
    Uncertainty,
    find_uncertainty,
    read_uncertainty,
    uncertainty_path,
    write_uncertainty,
)

__all__ = [
    "ANY_CLASSES",
    "LEVEL",
    "LEVELS",
    "SET_CLASSES",
    "UNLIKE",
    "Gaussian",
    "Limits",
    "RiskCoverage",
    "Uncertainty",
    "any_sets",
    "class_sets",
    "classes_known",
    "conformal_quantile",
    "coverage_by_patient",
    "covered",
    "fewest",
    "find_uncertainty",
    "fit_any",
    "fit_gaussian",
    "fit_limits",
    "fit_uncertainty",
    "held_out_distances",
    "limits_by_patient",
    "read_uncertainty",
    "refer",
    "risk_coverage",
    "uncertainty_path",
    "weighted_coverage",
    "write_uncertainty",
]
