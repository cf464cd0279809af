import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.labels import CLASSES, UNKNOWN
from bundle.metrics import METRIC_NAMES, classification_metrics, weighted_metrics

ROWS = st.sampled_from(
    [[0] * 6, [0] * 6, [1, 0, 0, 0, 0, 1], [0, 0, 1, 0, 1, 1], [UNKNOWN] * 5 + [1], [UNKNOWN] * 6]
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from(list(CLASSES)),
    st.lists(st.tuples(ROWS, st.integers(0, 3)), min_size=1, max_size=12),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_a_weighted_figure_is_that_of_the_repeated_slices(task, drawn, seed, tied):
    labels, weights = np.array([row for row, _ in drawn], float), np.array([weight for _, weight in drawn])
    scores = np.random.default_rng(seed).integers(1, 4 if tied else 10**6, (len(drawn), len(CLASSES[task]))) / 10**6
    if task != "multilabel":
        scores /= scores.sum(axis=1, keepdims=True)
    threshold = float(np.median(scores))
    found = weighted_metrics(scores, labels, task, threshold)(np.stack([weights, np.ones(len(drawn))]).astype(float))
    assert tuple(found) == METRIC_NAMES
    whole = classification_metrics(scores, labels, task, threshold)
    repeated = (
        classification_metrics(scores.repeat(weights, 0), labels.repeat(weights, 0), task, threshold)
        if weights.any()
        else dict.fromkeys(METRIC_NAMES)
    )
    for name in METRIC_NAMES:
        of_part, of_whole = found[name]
        assert of_whole == pytest.approx(np.nan if whole[name] is None else whole[name], nan_ok=True), name
        if not (name.endswith("_macro") and np.isnan(of_part)):
            assert of_part == pytest.approx(np.nan if repeated[name] is None else repeated[name], nan_ok=True), name


def test_a_mean_over_subtypes_is_none_where_one_of_them_was_not_drawn():
    labels = np.array([[1, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 1], [0] * 6], float)
    scores = np.full((3, 6), 0.5)
    found = weighted_metrics(scores, labels, "multilabel")(np.array([[1.0, 1, 1], [0, 2, 1]]))
    assert classification_metrics(scores[1:], labels[1:], "multilabel")["auc_macro"] == 0.5
    np.testing.assert_array_equal(found["auc_macro"], [0.5, np.nan])
