import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bundle.heads import SENSITIVITY, SPECIFICITY, HeadCalibration, fit_heads, head_scores


def heads(count, seed=0, apart=2.0):
    rng = np.random.default_rng(seed)
    truth = np.arange(count) % 2
    return 1 / (1 + np.exp(-rng.normal(apart * truth - 2, 1))), truth


def log_odds(p):
    return np.log(p / (1 - p))


def test_with_many_heads_it_is_logistic_regression():
    peaks, truth = heads(2000)
    fitted = fit_heads(peaks, truth)
    known = LogisticRegression(C=np.inf).fit(log_odds(peaks)[:, None], truth)
    assert fitted.p_any(peaks) == pytest.approx(known.predict_proba(log_odds(peaks)[:, None])[:, 1], abs=0.005)
    assert (fitted.heads_normal, fitted.heads_hemorrhage) == (1000, 1000)


def test_heads_that_do_not_overlap_have_a_finite_slope_and_a_threshold_between_them():
    fitted = fit_heads([*np.linspace(0.01, 0.1, 20), *np.linspace(0.7, 0.9, 20)], [0] * 20 + [1] * 20)
    assert np.isfinite([fitted.slope, fitted.intercept]).all() and fitted.slope < 20
    assert fitted.normal < fitted.threshold < fitted.hemorrhage
    assert fitted.sets((fitted.normal + fitted.hemorrhage) / 2).tolist() == [False, False]


def test_the_sets_cover_new_heads_as_often_as_was_asked():
    covered = {0: [], 1: []}
    for seed in range(150):
        fitted = fit_heads(*heads(60, seed))
        peaks, truth = heads(60, seed + 1000)
        sets = fitted.sets(fitted.p_any(peaks))
        for label in covered:
            covered[label].append(sets[truth == label, label].mean())
    assert SPECIFICITY - 0.01 <= np.mean(covered[0]) <= SPECIFICITY + 0.05
    assert SENSITIVITY - 0.01 <= np.mean(covered[1]) <= SENSITIVITY + 0.04


def test_a_head_at_the_threshold_is_called_and_its_set_is_hemorrhage_alone():
    fitted = fit_heads(*heads(100))
    assert fitted.sets(fitted.threshold).tolist() == [False, True]
    assert fitted.sets(np.nextafter(fitted.threshold, 0)).tolist() == [True, True]


@pytest.mark.parametrize(("normal", "hemorrhage", "enough"), [(6, 19, True), (5, 19, False), (6, 18, False)])
def test_too_few_heads_have_no_calibration(normal, hemorrhage, enough):
    peaks = np.linspace(0.1, 0.9, normal + hemorrhage)
    assert (fit_heads(peaks, [0] * normal + [1] * hemorrhage) is not None) is enough


def test_subtypes_keep_their_share_and_never_exceed_any():
    calibration = HeadCalibration(2.0, 1.0, 0.3, 0.2, 20, 20)
    scores = head_scores([0.2, 0.4, 0.5], 1, calibration)
    assert scores[1] == pytest.approx(calibration.p_any(0.4))
    assert scores[[0, 2]] == pytest.approx([scores[1] / 2, scores[1]])
    assert head_scores([0.2, 0.4, 0.5], 1, None).tolist() == [0.2, 0.4, 0.5]
