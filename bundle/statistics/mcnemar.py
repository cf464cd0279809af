"""McNemar's test of two classifiers' accuracy on the same cases.

McNemar, Psychometrika 1947 (https://doi.org/10.1007/BF02295996), with the continuity correction of Edwards,
Psychometrika 1948 (https://doi.org/10.1007/BF02289261). It takes the cases as independent; slices of one patient are
not, so give it one case a patient or study, or read it beside a bootstrap over patients.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class McNemarTest(NamedTuple):
    """McNemar's test, of the cases in which one classifier is right and the other wrong."""

    only_first: int
    """Cases in which the first alone is right."""
    only_second: int
    """Cases in which the second alone is right."""
    p_exact: float
    """Two-sided, by the binomial distribution."""
    statistic: float
    """Chi-squared with one degree of freedom, with continuity correction."""
    p_corrected: float
    """Of this statistic; accurate with about 25 such cases or more."""


def mcnemar_test(first: ArrayLike, second: ArrayLike) -> McNemarTest:
    """Test whether two classifiers are right equally often.

    Args:
        first: [N], whether the first classifier is right.
        second: [N], whether the second is.

    Raises:
        ValueError: when the shapes differ.

    Example:
        >>> test = mcnemar_test([True] * 9 + [False], [True] * 4 + [False] * 6)
        >>> test.only_first, test.only_second, test.p_exact
        (5, 0, 0.0625)
    """
    from scipy.stats import binomtest, chi2  # takes a second to import

    a, b = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"both must have one shape [N], got {a.shape} and {b.shape}")
    only_first, only_second = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    differing = only_first + only_second
    if not differing:
        return McNemarTest(0, 0, 1.0, 0.0, 1.0)
    statistic = max(abs(only_first - only_second) - 1, 0) ** 2 / differing
    exact = binomtest(only_first, differing).pvalue
    return McNemarTest(only_first, only_second, float(exact), statistic, float(chi2.sf(statistic, 1)))
