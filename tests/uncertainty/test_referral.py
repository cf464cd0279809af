import numpy as np
import pytest

from bundle.uncertainty.referral import NOT_DECISIVE, UNLIKE, refer, risk_coverage


def test_only_a_set_of_one_and_a_distance_within_the_limit_decide():
    sets = [[True, False], [False, True], [True, True], [False, False], [True, False], [True, True]]
    found = refer(sets, [1, 2, 1, 2, 3, np.inf], 2.0)
    assert found.reasons() == ["", "", NOT_DECISIVE, NOT_DECISIVE, UNLIKE, f"{NOT_DECISIVE}; {UNLIKE}"]
    assert found.any.tolist() == [False, False, True, True, True, True]


@pytest.mark.parametrize(("distance", "limit"), [(np.nan, 2.0), (5.0, np.nan), (np.inf, np.inf)])
def test_what_is_not_known_is_no_reason(distance, limit):
    assert not refer([[True, False]], [distance], limit).any[0]


def test_the_most_doubtful_go_first():
    curve = risk_coverage([True, False, False, True], [0.9, 0.8, 0.1, 0.2])
    assert curve.referred.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve.errors.tolist() == [0.5, 0.25, 0.25, 0, 0]


def test_doubt_that_orders_nothing_gives_a_straight_line():
    wrong = np.arange(40) % 4 == 0
    curve = risk_coverage(wrong, np.ones(40))
    np.testing.assert_allclose(curve.errors, 0.25 * (1 - curve.referred), atol=1e-12)


def test_errors_fall_to_nothing():
    generator = np.random.default_rng(0)
    curve = risk_coverage(generator.random(50) < 0.3, generator.integers(0, 6, 50))
    assert np.all(np.diff(curve.errors) <= 0)
    assert curve.errors[-1] == pytest.approx(0)
