"""Confidence intervals and tests of differences: pure functions of arrays, independent of labels and tasks."""

from bundle.statistics.bootstrap import COMPUTABLE, LEVEL, RESAMPLES, Interval, bootstrap, percentile_interval
from bundle.statistics.delong import AucTest, auc_covariance, delong_test
from bundle.statistics.intervals import interval_of, with_intervals
from bundle.statistics.mcnemar import McNemarTest, mcnemar_test
from bundle.statistics.patient_folds import patient_folds
from bundle.statistics.weighted import Values, WeightedMetrics, number, ratio, unweighted, weighted_ratios

__all__ = [
    "COMPUTABLE",
    "LEVEL",
    "RESAMPLES",
    "AucTest",
    "Interval",
    "McNemarTest",
    "Values",
    "WeightedMetrics",
    "auc_covariance",
    "bootstrap",
    "delong_test",
    "interval_of",
    "mcnemar_test",
    "number",
    "patient_folds",
    "percentile_interval",
    "ratio",
    "unweighted",
    "weighted_ratios",
    "with_intervals",
]
