import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bundle.export.agreement import agreement
from bundle.predictions import Predictions

COUNT = 400


def predictions(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return Predictions.of_rows([{"label": label} for label in labels], p, "subtype")


@pytest.fixture
def slices():
    rng = np.random.default_rng(0)
    subtypes = (rng.random((COUNT, 5)) < 0.15).astype(int)
    labels = np.column_stack([subtypes, subtypes.any(1)]).tolist()
    logits = rng.normal(size=(COUNT, 6)) + 2 * np.column_stack([1 - subtypes.any(1), subtypes])
    return logits, labels


def test_a_runtime_that_is_the_reference_agrees(slices):
    reference = predictions(*slices)
    found = agreement(reference, reference, 0.3)
    assert found.problems() == [] and found.flipped == 0 and found.max_difference == 0
    truth = np.array(slices[1])
    assert found.auc["any"] == pytest.approx(roc_auc_score(truth[:, 5], reference.p_any))
    assert set(found.auc_change.values()) == {0.0}


def test_each_bound_is_named_with_its_figures(slices):
    logits, labels = slices
    noisy = predictions(logits + np.random.default_rng(1).normal(scale=2.0, size=logits.shape), labels)
    problems = agreement(predictions(logits, labels), noisy, 0.3).problems()
    assert [each.split()[0] for each in problems[:1]] == ["AUC"]
    assert any("of 400 calls flip (at most 1%)" in each for each in problems)
    assert any(each.startswith("P(any) differs by 0.") for each in problems)


def test_calls_that_flip_are_found_where_the_auc_stays(slices):
    logits, labels = slices
    shifted = logits - [0.4, 0, 0, 0, 0, 0]
    reference, other = predictions(logits, labels), predictions(shifted, labels)
    found = agreement(reference, other, 0.3)
    assert abs(found.auc_change["any"]) < 0.005
    assert found.flipped == np.sum((reference.p_any >= 0.3) != (other.p_any >= 0.3)) > 4
    assert any("calls flip" in each for each in found.problems())


def test_a_label_that_nobody_has_is_no_problem(slices):
    logits, labels = slices
    none = [[0] * 6 for _ in labels]
    found = agreement(predictions(logits, none), predictions(logits, none), 0.3)
    assert set(found.auc.values()) == {None} and found.problems() == []
