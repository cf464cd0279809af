import numpy as np
import pytest

from bundle.labels import CLASSES
from bundle.predictions import score_names, series_scores, slice_scores


@pytest.mark.parametrize(("task", "expected"), [("subtype", 7), ("binary", 3), ("multilabel", 6)])
def test_each_class_and_any_are_reported_once(task, expected):
    names = score_names(task)
    assert len(names) == len(set(names)) == expected
    assert names[: len(CLASSES[task])] == CLASSES[task] and names[-1] == "any"


@pytest.mark.parametrize("task", CLASSES)
def test_a_series_is_as_suspicious_as_its_most_suspicious_slice(task):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(CLASSES[task])), 9)
    scores = slice_scores(probabilities, task)
    np.testing.assert_array_equal(scores[:, : len(CLASSES[task])], probabilities)
    of_series = dict(zip(score_names(task), series_scores(scores, task), strict=True))
    for index, name in enumerate(score_names(task)):
        assert of_series[name] == (scores[:, index].max() if name != "normal" else 1 - of_series["any"])
    if task != "multilabel":
        np.testing.assert_allclose(scores[:, -1], 1 - probabilities[:, 0])
