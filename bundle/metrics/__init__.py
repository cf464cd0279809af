"""How well the probabilities of slices agree with their labels: pure functions and the ignite metrics."""

from bundle.metrics.classification import METRIC_NAMES, classification_metrics, not_computable
from bundle.metrics.confusion import confusion
from bundle.metrics.curves import PrecisionRecallCurve, RocCurve, precision_recall_curves, roc_curves
from bundle.metrics.hemorrhage import HemorrhageMetrics, HemorrhageScores
from bundle.metrics.log_loss import weighted_log_loss
from bundle.metrics.probabilities import THRESHOLD, check_scores, decisions, label_probabilities
from bundle.metrics.resampled import resampled_metrics, resampled_ranking, resampled_ratios
from bundle.metrics.set_loss import SetLoss
from bundle.metrics.slice_smoothing import SliceSmoothing
from bundle.metrics.studies import STUDY_RULE, STUDY_RULES, group_members, study_labels, study_names, study_scores

__all__ = [
    "METRIC_NAMES",
    "STUDY_RULE",
    "STUDY_RULES",
    "THRESHOLD",
    "HemorrhageMetrics",
    "HemorrhageScores",
    "PrecisionRecallCurve",
    "RocCurve",
    "SetLoss",
    "SliceSmoothing",
    "check_scores",
    "classification_metrics",
    "confusion",
    "decisions",
    "group_members",
    "label_probabilities",
    "not_computable",
    "precision_recall_curves",
    "resampled_metrics",
    "resampled_ranking",
    "resampled_ratios",
    "roc_curves",
    "study_labels",
    "study_names",
    "study_scores",
    "weighted_log_loss",
]
