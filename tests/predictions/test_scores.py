import numpy as np
import pytest

from bundle.labels import CLASSES
from bundle.predictions import score_names, slice_scores


@pytest.mark.parametrize(("task", "expected"), [("subtype", 7), ("binary", 3), ("multilabel", 6)])
def test_each_class_and_any_are_reported_once(task, expected):
    names = score_names(task)
    assert len(names) == len(set(names)) == expected
    assert names[: len(CLASSES[task])] == CLASSES[task] and names[-1] == "any"


@pytest.mark.parametrize("task", CLASSES)
def test_the_scores_are_the_probabilities_and_that_of_any(task):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(CLASSES[task])), 9)
    scores = slice_scores(probabilities, task)
    np.testing.assert_array_equal(scores[:, : len(CLASSES[task])], probabilities)
    if task != "multilabel":
        np.testing.assert_allclose(scores[:, -1], 1 - probabilities[:, 0])
