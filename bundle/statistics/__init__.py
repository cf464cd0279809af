"""How sure a figure is, and whether two differ: pure functions of arrays that know nothing of labels."""

from bundle.statistics.bootstrap import COMPUTABLE, LEVEL, RESAMPLES, Interval, bootstrap, percentile_interval
from bundle.statistics.delong import AucTest, auc_covariance, delong_test
from bundle.statistics.mcnemar import McNemarTest, mcnemar_test
from bundle.statistics.patient_folds import patient_folds

__all__ = [
    "COMPUTABLE",
    "LEVEL",
    "RESAMPLES",
    "AucTest",
    "Interval",
    "McNemarTest",
    "auc_covariance",
    "bootstrap",
    "delong_test",
    "mcnemar_test",
    "patient_folds",
    "percentile_interval",
]
