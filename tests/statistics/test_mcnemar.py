import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2

from bundle.statistics import mcnemar_test


def cases(both, only_first, only_second, neither):
    first = np.repeat([1, 1, 0, 0], [both, only_first, only_second, neither])
    return first, np.repeat([1, 0, 1, 0], [both, only_first, only_second, neither])


@pytest.mark.parametrize(
    ("counts", "p_exact", "p_corrected", "rounding"),
    [
        # Fagerland, Lydersen and Laake, BMC Med Res Methodol 2013, 13:91, table 1: 21 children of Bentur et al.
        ((1, 1, 7, 12), 0.070, 0.077, 5e-4),
        # Cavo et al. in Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables, 2017, chapter 8, as
        # their package contingencytables prints it.
        ((59, 6, 16, 80), 0.052479, 0.055009, 5e-7),
    ],
)
def test_as_published(counts, p_exact, p_corrected, rounding):
    found = mcnemar_test(*cases(*counts))
    assert (found.only_first, found.only_second) == counts[1:3]
    assert found.p_exact == pytest.approx(p_exact, abs=rounding)
    assert found.p_corrected == pytest.approx(p_corrected, abs=rounding)


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
