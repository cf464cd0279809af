import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.labels import UNKNOWN
from bundle.predictions import true_classes
from bundle.uncertainty.conformal import (
    LEVELS,
    SET_CLASSES,
    any_sets,
    class_sets,
    classes_known,
    conformal_quantile,
    fewest,
    fit_any,
    fit_classes,
)

QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def drawn(generator, n, task="subtype"):
    """Probabilities that are right: each slice's class is drawn from its own softmax; a slice may have several."""
    probabilities = generator.dirichlet(np.full(len(SET_CLASSES), 0.4), n)
    chosen = (probabilities.cumsum(axis=1) < generator.random((n, 1))).sum(axis=1)
    labels = np.zeros((n, 6))
    bleeds = chosen > 0
    labels[bleeds, chosen[bleeds] - 1] = 1
    second = bleeds & (generator.random(n) < 0.2)
    labels[second, generator.integers(0, 5, second.sum())] = 1
    labels[:, 5] = bleeds
    if task == "multilabel":
        probabilities = np.column_stack([probabilities[:, 1:], 1 - probabilities[:, 0]])
    return probabilities, labels


def any_of(probabilities):
    return 1 - probabilities[:, 0]


@pytest.mark.parametrize(("n", "level", "rank"), [(9, 0.9, 9), (19, 0.95, 19), (99, 0.9, 90), (10, 0.9, 10)])
def test_quantile_is_the_ranked_score(n, level, rank):
    scores = np.random.default_rng(0).permutation(np.arange(1, n + 1))
    assert conformal_quantile(scores, level) == rank


@pytest.mark.parametrize("level", LEVELS)
def test_too_few_scores_promise_nothing(level):
    assert math.isinf(conformal_quantile([], level))
    assert math.isinf(conformal_quantile(np.arange(fewest(level) - 1), level))
    assert math.isfinite(conformal_quantile(np.arange(fewest(level)), level))


@QUICK
@given(st.integers(1, 60), st.integers(0, 99), st.floats(0.5, 0.98))
def test_the_next_score_is_within_the_quantile_as_promised(n, seed, level):
    """Of n + 1 exchangeable scores each is equally likely to be the next: count over all of them."""
    scores = np.random.default_rng(seed).integers(0, 20, n + 1)
    covered = [scores[k] <= conformal_quantile(np.delete(scores, k), level) for k in range(n + 1)]
    assert np.mean(covered) >= level - 1e-9


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("task", ["subtype", "multilabel"])
def test_coverage_of_exchangeable_slices(level, task):
    generator = np.random.default_rng(1)
    of_any, of_classes = [], []
    for _ in range(60):
        fitted, labels = drawn(generator, 120, task)
        fresh, truth = drawn(generator, 200, task)
        p_any, q_any = (each[:, 5] if task == "multilabel" else any_of(each) for each in (fitted, fresh))
        sets = any_sets(q_any, fit_any(p_any, labels[:, 5], level))
        of_any.append([sets[truth[:, 5] == k, k].mean() for k in (0, 1)])
        sets = class_sets(fresh, task, fit_classes(fitted, labels, task, level))
        wanted, known = true_classes(truth), classes_known(truth)
        assert known.all()
        of_classes.append(np.mean(~np.any(wanted & ~sets, axis=1)))
    assert np.mean(of_any, axis=0) == pytest.approx([level + 0.01] * 2, abs=0.025), "of the bleeds as of the normal"
    assert np.mean(of_classes) == pytest.approx(level, abs=0.015)


@QUICK
@given(st.integers(1, 80), st.integers(0, 99), st.floats(0.05, 0.97), st.floats(0.0, 0.02))
def test_sets_grow_with_the_level(n, seed, level, more):
    generator = np.random.default_rng(seed)
    probabilities, labels = drawn(generator, n)
    p_any = any_of(probabilities)
    small, large = (any_sets(p_any, fit_any(p_any, labels[:, 5], each)) for each in (level, level + more))
    assert np.all(small <= large)
    small, large = (
        class_sets(probabilities, "subtype", fit_classes(probabilities, labels, "subtype", each))
        for each in (level, level + more)
    )
    assert np.all(small <= large)


def test_unknown_labels_are_left_out():
    probabilities, labels = drawn(np.random.default_rng(2), 40)
    more = np.vstack([labels, [UNKNOWN] * 6, [UNKNOWN] * 5 + [1], [1, UNKNOWN, 0, 0, 0, 1]])
    scores = np.vstack([probabilities, np.eye(6)[[0, 0, 0]]])
    assert fit_classes(scores, more, "subtype", 0.9) == fit_classes(probabilities, labels, "subtype", 0.9)
    known = classes_known(more)
    assert known[:-3].all() and not known[-3:].any()
    unknown = np.where(np.arange(43) < 40, more[:, 5], UNKNOWN)
    assert fit_any(any_of(scores), unknown, 0.9) == fit_any(any_of(probabilities), labels[:, 5], 0.9)


def test_a_slice_with_several_subtypes_is_covered_by_all_of_them():
    probabilities = np.tile([0.0, 0.6, 0.4, 0, 0, 0], (9, 1))
    labels = np.tile([1.0, 1, 0, 0, 0, 1], (9, 1))
    assert fit_classes(probabilities, labels, "subtype", 0.9) == pytest.approx(0.6), "the less probable of the two"
    assert class_sets(probabilities, "subtype", 0.6)[0].tolist() == [False, True, True, False, False, False]


def test_equal_scores_give_the_same_set_to_every_slice():
    probabilities = np.full((40, 6), 1 / 6)
    labels = drawn(np.random.default_rng(3), 40)[1]
    sets = class_sets(probabilities, "subtype", fit_classes(probabilities, labels, "subtype", 0.9))
    assert len(np.unique(sets, axis=0)) == 1


def test_one_class_leaves_the_other_in_every_set():
    quantiles = fit_any(np.linspace(0, 0.5, 30), np.zeros(30), 0.9)
    assert math.isinf(quantiles[1])
    assert any_sets([0.0, 1.0], quantiles).tolist() == [[True, True], [False, True]]
