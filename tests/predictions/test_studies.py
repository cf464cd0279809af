import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.labels import UNKNOWN
from bundle.predictions import STUDY_RULE, STUDY_RULES, study_labels, study_scores

QUICK = settings(max_examples=25, deadline=None, derandomize=True)


def test_the_rules_by_hand():
    p = np.array([0.1, 0.9, 0.5, 0.7, 0.2])
    expected = {"max": 0.9, "mean_top_3": 0.7, "quantile_90": 0.82, "noisy_or": 1 - 0.9 * 0.1 * 0.5 * 0.3 * 0.8}
    assert set(STUDY_RULES) == set(expected)
    for rule, value in expected.items():
        assert study_scores(p, ["a"] * 5, rule)[0] == pytest.approx(value)


@QUICK
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.sampled_from(list(STUDY_RULES)), st.randoms())
def test_every_rule_gives_a_probability_whatever_the_order(p, rule, random):
    (score,) = study_scores(p, ["a"] * len(p), rule)
    assert -1e-12 <= score <= 1 + 1e-12
    random.shuffle(p)
    assert study_scores(p, ["a"] * len(p), rule)[0] == pytest.approx(score)
    if len(p) == 1:
        assert score == pytest.approx(p[0]), "a single image is its own study"


def test_studies_keep_the_order_in_which_they_appear():
    p = np.column_stack([[0.1, 0.2, 0.3], [0.9, 0.8, 0.7]])
    assert study_scores(p, ["b", "a", "b"]).tolist() == [[0.3, 0.9], [0.2, 0.8]]
    assert study_scores(p, ["b", "a", "b"], STUDY_RULE).tolist() == [[0.3, 0.9], [0.2, 0.8]]


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match=r"max, mean_top_3.*got 'median'"):
        study_scores([0.5], ["a"], "median")


def test_labels_of_slices_become_those_of_the_study():
    u = UNKNOWN
    labels = [[1, 0, 0, 0, 0, 1], [0, 0, u, 0, 0, u], [0, 0, 0, 0, 0, 0], [u, u, u, u, u, 1]]
    found = study_labels(labels, ["a", "a", "b", "c"])
    assert found.tolist() == [[1, 0, u, 0, 0, 1], [0] * 6, [u, u, u, u, u, 1]]


def test_what_was_read_of_the_study_comes_first():
    u = UNKNOWN
    read = [[0, 1, 0, 0, u, 1]] * 2 + [[u] * 6]
    found = study_labels([[u] * 6, [u] * 6, [0] * 6], ["a", "a", "b"], read)
    assert found.tolist() == [[0, 1, 0, 0, u, 1], [0] * 6]
