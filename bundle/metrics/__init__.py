"""How well the probabilities of slices agree with their labels: functions of arrays, which scikit-learn can prove."""

from bundle.metrics.classification import METRIC_NAMES, classification_metrics, weighted_metrics
from bundle.metrics.confusion import confusion
from bundle.metrics.curves import PrecisionRecallCurve, RocCurve, precision_recall_curves, roc_curves
from bundle.metrics.log_loss import weighted_log_loss
from bundle.metrics.not_computable import not_computable
from bundle.metrics.ranking import weighted_ranking
from bundle.metrics.summary import summarize

__all__ = [
    "METRIC_NAMES",
    "PrecisionRecallCurve",
    "RocCurve",
    "classification_metrics",
    "confusion",
    "not_computable",
    "precision_recall_curves",
    "roc_curves",
    "summarize",
    "weighted_log_loss",
    "weighted_metrics",
    "weighted_ranking",
]
