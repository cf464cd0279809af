"""Predictions of slices: probabilities and labels as one object, its file, its studies and its mistakes.

Neither PyTorch nor MONAI is imported here.
"""

from bundle.predictions.csv_file import read_predictions, write_predictions
from bundle.predictions.history import TRAINING, read_history, write_history
from bundle.predictions.mistakes import class_to_explain, describe_slice, describe_truth, find_mistakes, likeliest_bleed
from bundle.predictions.predictions import FIRST_LINE, Predictions
from bundle.predictions.probabilities import (
    THRESHOLD,
    check_probabilities,
    check_scores,
    decisions,
    label_probabilities,
    true_classes,
)
from bundle.predictions.scores import score_names, slice_scores
from bundle.predictions.slice_smoothing import SliceSmoothing, gaussian_mean, placed_series, positions_of
from bundle.predictions.studies import STUDY_RULE, STUDY_RULES, group_members, study_labels, study_names, study_scores
from bundle.predictions.thin import SAME_PLACE, THIN, is_thin
from bundle.predictions.view import View

__all__ = [
    "FIRST_LINE",
    "SAME_PLACE",
    "STUDY_RULE",
    "STUDY_RULES",
    "THIN",
    "THRESHOLD",
    "TRAINING",
    "Predictions",
    "SliceSmoothing",
    "View",
    "check_probabilities",
    "check_scores",
    "class_to_explain",
    "decisions",
    "describe_slice",
    "describe_truth",
    "find_mistakes",
    "gaussian_mean",
    "group_members",
    "is_thin",
    "label_probabilities",
    "likeliest_bleed",
    "placed_series",
    "positions_of",
    "read_history",
    "read_predictions",
    "score_names",
    "slice_scores",
    "study_labels",
    "study_names",
    "study_scores",
    "true_classes",
    "write_history",
    "write_predictions",
]
