"""Probabilities where hemorrhages are more or less frequent than in the slices that calibrated them.

Bayes' rule for another prior (Saerens, Latinne and Decaestecker, Neural Computation 2002), which holds as far as
hemorrhages look like hemorrhages and other slices like other slices there.
"""

import numpy as np
from numpy.typing import ArrayLike

from bundle.statistics import Values, WeightedMetrics, ratio


def shift_for_prevalence(truth: ArrayLike, prevalence: float) -> float:
    """Return what is added to *normal*'s logit where the share of slices with a hemorrhage is another.

    Args:
        truth: [N], 1 or 0, of the slices that calibrated.
        prevalence: the share where the probabilities will be used, above 0 and below 1.

    Raises:
        ValueError: when the slices are all with or all without a hemorrhage.

    Example:
        >>> round(shift_for_prevalence([1, 0, 0, 0, 0], 0.5), 3)  # odds of 1 to 4 become 1 to 1
        -1.386
    """
    share = float((np.asarray(truth) == 1).mean())
    if not 0 < share < 1:
        raise ValueError("all slices or none of them have a hemorrhage")
    return _log_odds(share) - _log_odds(prevalence)


def with_prevalence(metrics: WeightedMetrics, truth: ArrayLike, prevalence: float) -> WeightedMetrics:
    """Return metrics as they are where the share of slices with a hemorrhage is another; NaN where there are not both.

    Args:
        metrics: of N slices.
        truth: [N], 1 or 0.
        prevalence: see `shift_for_prevalence`.

    Example:
        >>> from bundle.statistics import weighted_ratios
        >>> called = weighted_ratios({"called": (np.array([1, 1, 0, 0, 0]), np.ones(5))})
        >>> with_prevalence(called, [1, 0, 0, 0, 0], 0.5)(np.ones((1, 5)))
        {'called': array([0.625])}
    """
    positive = np.asarray(truth) == 1

    def metrics_there(weights: np.ndarray) -> Values:
        whole = (weights @ positive)[:, None], (weights @ ~positive)[:, None]
        return metrics(weights * np.where(positive, ratio(prevalence, whole[0]), ratio(1 - prevalence, whole[1])))

    return metrics_there


def _log_odds(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))
