"""From slices to a head: its score, calibrated on whole heads, its verdict, and where the bleed is.

Neither PyTorch nor MONAI is imported here.
"""

from bundle.heads.calibration import SENSITIVITY, SPECIFICITY, HeadCalibration, fit_heads, head_scores
from bundle.heads.coverage import Coverage
from bundle.heads.fit import WholeHeads, cross_fitted_sets, fit_calibrations, whole_heads
from bundle.heads.heads_file import Heads, heads_path, read_heads, write_heads
from bundle.heads.location import Location, extent, mean_hu, side
from bundle.heads.peak import SIGMA, head_peak
from bundle.heads.verdict import Action, Verdict, decide

__all__ = [
    "SENSITIVITY",
    "SIGMA",
    "SPECIFICITY",
    "Action",
    "Coverage",
    "HeadCalibration",
    "Heads",
    "Location",
    "Verdict",
    "WholeHeads",
    "cross_fitted_sets",
    "decide",
    "extent",
    "fit_calibrations",
    "fit_heads",
    "head_peak",
    "head_scores",
    "heads_path",
    "mean_hu",
    "read_heads",
    "side",
    "whole_heads",
    "write_heads",
]
