import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from bundle.calibration import calibration_error, reliability, weighted_calibration

CASES = st.lists(
    st.tuples(st.booleans(), st.one_of(st.floats(0, 1), st.integers(0, 10).map(lambda n: n / 10))), min_size=1
)


def arrays(cases):
    truth, probability = zip(*cases, strict=True)
    return np.array(truth, float), np.array(probability)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(CASES)
def test_as_scikit_learn_says(cases):
    truth, probability = arrays(cases)
    count, predicted, observed = reliability(truth, probability)
    assert count.sum() == len(truth)
    expected = calibration_curve(truth, probability, n_bins=10) if 0 < truth.mean() < 1 else None
    if expected is not None:
        np.testing.assert_allclose((observed, predicted), expected)
    assert calibration_error(truth, probability) == pytest.approx(
        sum(n / len(truth) * abs(p - o) for n, p, o in zip(count, predicted, observed, strict=True))
    )
    whole = weighted_calibration(truth, probability)(np.ones((1, len(truth))))
    assert whole["calibration_error"][0] == pytest.approx(calibration_error(truth, probability))
    assert whole["brier"][0] == pytest.approx(brier_score_loss(truth, probability, labels=[0, 1]))


def test_a_weighted_figure_is_that_of_the_repeated_slices():
    generator = np.random.default_rng(0)
    truth, probability = generator.integers(0, 2, 30), generator.random(30)
    weights = generator.integers(0, 4, (5, 30))
    found = weighted_calibration(truth, probability)(weights.astype(float))
    for row, error, brier in zip(weights, found["calibration_error"], found["brier"], strict=True):
        y, p = truth.repeat(row), probability.repeat(row)
        assert error == pytest.approx(calibration_error(y, p))
        assert brier == pytest.approx(brier_score_loss(y, p))


def test_a_calibrated_network_has_no_error_and_a_sure_one_has():
    generator = np.random.default_rng(0)
    p = generator.random(200_000)
    truth = generator.random(200_000) < p
    assert calibration_error(truth, p) < 0.005
    assert calibration_error(truth, np.where(p > 0.5, 1.0, 0.0)) == pytest.approx(0.25, abs=0.005)
