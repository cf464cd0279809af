import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2

from bundle.statistics import mcnemar_test


def cases(both, only_first, only_second, neither):
    first = np.repeat([1, 1, 0, 0], [both, only_first, only_second, neither])
    return first, np.repeat([1, 0, 1, 0], [both, only_first, only_second, neither])


def test_as_published():
    """Fagerland, Lydersen and Laake, BMC Med Res Methodol 2013, 13:91, table 1: 21 children of Bentur et al."""
    found = mcnemar_test(*cases(1, 1, 7, 12))
    assert (found.only_first, found.only_second) == (1, 7)
    assert found.p_exact == pytest.approx(0.070, abs=5e-4)
    assert found.p_corrected == pytest.approx(0.077, abs=5e-4)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 80), min_size=4, max_size=4))
def test_as_scipy_says(counts):
    _, b, c, _ = counts
    found = mcnemar_test(*cases(*counts))
    if b + c:
        assert found.p_exact == pytest.approx(binomtest(b, b + c).pvalue)
        assert found.statistic == pytest.approx(max(abs(b - c) - 1, 0) ** 2 / (b + c))
        assert found.p_corrected == pytest.approx(chi2.sf(found.statistic, 1))
    else:
        assert found == (0, 0, 1, 0, 1)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"got \(2,\) and \(3,\)"):
        mcnemar_test([1, 0], [1, 0, 1])
