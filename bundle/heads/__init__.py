"""From slices to a head: its score, calibrated on whole heads, its verdict, and where the bleed is.

Neither PyTorch nor MONAI is imported here.
"""

from bundle.heads.assess import Assessed, assess, assess_cross_fitted
from bundle.heads.calibration import SENSITIVITY, SPECIFICITY, HeadCalibration, fit_heads, head_scores, scores_of_peaks
from bundle.heads.coverage import Coverage
from bundle.heads.fit import WholeHeads, fit_calibrations, fit_on_heads, head_members, thin_heads, whole_heads
from bundle.heads.heads_file import Heads, heads_path, read_heads, write_heads
from bundle.heads.location import Location, mean_hu, side, suspicious_slices
from bundle.heads.peak import SIGMA, head_peak
from bundle.heads.verdict import Action, Verdict, decide

__all__ = [
    "SENSITIVITY",
    "SIGMA",
    "SPECIFICITY",
    "Action",
    "Assessed",
    "Coverage",
    "HeadCalibration",
    "Heads",
    "Location",
    "Verdict",
    "WholeHeads",
    "assess",
    "assess_cross_fitted",
    "decide",
    "fit_calibrations",
    "fit_heads",
    "fit_on_heads",
    "head_members",
    "head_peak",
    "head_scores",
    "heads_path",
    "mean_hu",
    "read_heads",
    "scores_of_peaks",
    "side",
    "suspicious_slices",
    "thin_heads",
    "whole_heads",
    "write_heads",
]
