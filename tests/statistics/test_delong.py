import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from bundle.statistics import auc_covariance, delong_test

# The 43 complete of the 49 cases of DeLong et al. 1988: albumin, total protein, K-G score, whether surgery helped.
# Printed, with the results that are checked here, in the SAS/STAT User's Guide, PROC LOGISTIC, "Comparing Receiver
# Operating Characteristic Curves":
# https://support.sas.com/documentation/cdl/en/statug/68162/HTML/default/statug_logistic_examples08.htm
OVARIAN_CANCER = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0  1.6 5.6 5 1  3.8 5.7 5 1
3.7 6.7 6 1   3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1  4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0
4.0 6.6 6 0   3.5 5.8 6 1  3.8 6.8 7 1  3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1
4.3 6.5 4 1   3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1  3.5 6.2 5 1
2.9 5.7 9 0   2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1  3.6 6.6 5 1
"""


@pytest.fixture
def ovarian_cancer():
    albumin, protein, score, truth = np.array(OVARIAN_CANCER.split(), float).reshape(-1, 4).T
    return truth, np.stack([albumin, 10 - score, protein])


def test_areas_and_errors_as_published(ovarian_cancer):
    auc, covariance = auc_covariance(*ovarian_cancer)
    assert auc == pytest.approx([0.7366, 0.7258, 0.6478], abs=5e-5)
    assert np.sqrt(np.diag(covariance)) == pytest.approx([0.0927, 0.1028, 0.1000], abs=5e-5)


@pytest.mark.parametrize(
    ("column", "difference", "error", "chi_squared", "p"),
    [(0, 0.0108, 0.0953, 0.0127, 0.9102), (2, -0.0780, 0.1046, 0.5554, 0.4561)],
)
def test_the_test_as_published(ovarian_cancer, column, difference, error, chi_squared, p):
    truth, scores = ovarian_cancer
    found = delong_test(truth, scores[column], scores[1])
    assert found.difference == pytest.approx(difference, abs=5e-5)
    assert found.standard_error == pytest.approx(error, abs=5e-5)
    assert found.z**2 == pytest.approx(chi_squared, abs=5e-5)
    assert found.p == pytest.approx(p, abs=5e-5)


def test_three_areas_at_once_as_published(ovarian_cancer):
    auc, covariance = auc_covariance(*ovarian_cancer)
    contrast = np.array([[1, -1, 0], [0, -1, 1]])
    differences = contrast @ auc
    chi_squared = differences @ np.linalg.solve(contrast @ covariance @ contrast.T, differences)
    assert chi_squared == pytest.approx(2.5340, abs=5e-5)


def of_all_pairs(truth, scores, cluster):
    """AUC and Obuchowski's covariance by the definitions, over all pairs of a positive and a negative."""
    x, y = scores[:, truth == 1], scores[:, truth == 0]
    wins = (x[:, :, None] > y[:, None, :]) + 0.5 * (x[:, :, None] == y[:, None, :])
    auc, v10, v01 = wins.mean((1, 2)), wins.mean(2), wins.mean(1)
    groups = np.unique(cluster)
    sums10, sums01 = (
        np.array([(v[:, cluster[truth == side] == g] - auc[:, None]).sum(1) for g in groups]).T
        for v, side in ((v10, 1), (v01, 0))
    )
    m, n = x.shape[1], y.shape[1]
    i10, i01 = (len(np.unique(cluster[truth == side])) for side in (1, 0))
    cross = sums10 @ sums01.T * len(groups) / (len(groups) - 1)
    return auc, (
        sums10 @ sums10.T * i10 / (i10 - 1) / m**2
        + sums01 @ sums01.T * i01 / (i01 - 1) / n**2
        + (cross + cross.T) / (m * n)
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_as_all_pairs_say_with_ties_and_clusters(positives, negatives, seed, clustered):
    generator = np.random.default_rng(seed)
    truth = generator.permutation([1] * positives + [0] * negatives)
    scores = generator.integers(0, 6, (3, len(truth))).astype(float)
    cluster = np.arange(len(truth))
    if clustered:
        cluster = np.empty(len(truth), int)
        for side in (0, 1):  # at least two clusters on each side
            members = np.flatnonzero(truth == side)
            cluster[members] = np.r_[0, 1, generator.integers(0, 4, len(members) - 2)]
    auc, covariance = auc_covariance(truth, scores, cluster if clustered else None)
    expected_auc, expected = of_all_pairs(truth, scores, cluster)
    np.testing.assert_allclose(auc, expected_auc)
    np.testing.assert_allclose(auc, [roc_auc_score(truth, each) for each in scores])
    np.testing.assert_allclose(covariance, expected, atol=1e-12)
    if not clustered:
        x, y = scores[0, truth == 1], scores[0, truth == 0]
        wins = (x[:, None] > y) + 0.5 * (x[:, None] == y)
        variance = wins.mean(1).var(ddof=1) / positives + wins.mean(0).var(ddof=1) / negatives
        assert covariance[0, 0] == pytest.approx(variance, abs=1e-12), "of one AUC, as DeLong et al. define it"


def test_p_values_are_even_where_nothing_differs():
    generator = np.random.default_rng(0)
    truth = np.repeat([0, 1], 60)
    p = [delong_test(truth, *(truth + 1.5 * generator.normal(size=(2, 120)))).p for _ in range(400)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.025)
    assert np.mean(p) == pytest.approx(0.5, abs=0.06)


def test_what_tells_nothing_apart():
    truth, score = np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.4, 0.9])
    assert delong_test(truth, score, 10 * score) == (0, 0, 0, 1), "the order is all that counts"
    difference, error, z, p = delong_test(truth, np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    assert (difference, error) == (1, 0) and np.isnan([z, p]).all()
    assert np.isnan(delong_test(np.array([0, 0, 1]), score[:3], score[1:]).p), "one positive has no variance"
    assert np.isnan(auc_covariance(truth, [score], ["a", "a", "a", "b"])[1]).all(), "one patient has all negatives"


@pytest.mark.parametrize(
    ("truth", "shape", "message"),
    [([0, 1], (1, 3), "must have shapes"), ([1, 1], (1, 2), "both 1 and 0"), ([0, 2], (1, 2), "both 1 and 0")],
)
def test_wrong_input_is_named(truth, shape, message):
    with pytest.raises(ValueError, match=message):
        auc_covariance(truth, np.zeros(shape))
