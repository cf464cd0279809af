import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score

from bundle.calibration import (
    threshold_for_sensitivity,
    threshold_for_specificity,
    thresholds_of_others,
    weighted_decisions,
)

CASES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20).map(lambda n: n / 20)), min_size=1, max_size=40)
SHARES = st.sampled_from([0.05, 0.5, 0.9, 0.95, 1.0])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(CASES, SHARES)
def test_enough_is_found_and_a_harder_threshold_would_not_do(cases, wanted):
    truth, score = (np.array(each) for each in zip(*cases, strict=True))
    for side, threshold in (
        (1, threshold_for_sensitivity(truth, score, wanted)),
        (0, threshold_for_specificity(truth, score, wanted)),
    ):
        members = score[truth == side]
        if not len(members):
            assert threshold is None
            continue

        def share(at, members=members, side=side):
            return np.mean((members >= at) == side)

        assert share(threshold) >= wanted - 1e-9
        harder = np.nextafter(threshold, np.inf) if side else np.nextafter(threshold, -np.inf)
        assert share(harder) < wanted - 1e-9


def test_each_patient_is_told_by_the_threshold_of_others():
    patients = np.repeat(np.arange(5), 4)
    truth = np.tile([0, 1, 0, 1], 5)
    probability = np.where(truth == 1, 0.5 + patients / 100, 0.1)

    def lowest(own_truth, own_probability):
        return threshold_for_sensitivity(own_truth, own_probability, 1.0)

    found = thresholds_of_others(truth, probability, patients, lowest)
    assert found.tolist() == [0.51] * 4 + [0.5] * 16
    assert thresholds_of_others(truth, probability, patients % 4, lowest) is None
    assert thresholds_of_others(patients == 0, probability, patients, lowest) is None


def test_figures_are_those_of_scikit_learn():
    generator = np.random.default_rng(0)
    truth, called, weights = (generator.integers(0, high, (1, 50)) for high in (2, 2, 3))
    found = weighted_decisions(truth[0], called[0])(weights.astype(float))
    y, c, weight = truth[0], called[0], weights[0]
    assert found["sensitivity"][0] == pytest.approx(recall_score(y, c, sample_weight=weight))
    assert found["specificity"][0] == pytest.approx(recall_score(y, c, sample_weight=weight, pos_label=0))
    assert found["ppv"][0] == pytest.approx(precision_score(y, c, sample_weight=weight))
    assert found["npv"][0] == pytest.approx(precision_score(y, c, sample_weight=weight, pos_label=0))
    assert found["called"][0] == pytest.approx(np.average(c, weights=weight))
    nobody = weighted_decisions(np.zeros(3), np.zeros(3))(np.ones((1, 3)))
    assert np.isnan([nobody["sensitivity"][0], nobody["ppv"][0]]).all() and nobody["specificity"][0] == 1


@pytest.mark.parametrize("wanted", [0, -0.1, 1.1])
def test_an_impossible_wish_is_named(wanted):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        threshold_for_sensitivity([1], [0.5], wanted)
