import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as reference

from bundle.labels import ANY, CLASSES, LABELS, SUBTYPES, UNKNOWN
from bundle.metrics import (
    METRIC_NAMES,
    classification_metrics,
    confusion,
    not_computable,
    precision_recall_curves,
    roc_curves,
    weighted_log_loss,
)
from bundle.predictions import decisions, label_probabilities

QUICK = settings(max_examples=25, deadline=None, derandomize=True)


@st.composite
def cases(draw, task, unknown=False):
    """Scores with many ties, and labels in which `any` follows from the subtypes."""
    n = draw(st.integers(1, 30))
    raw = draw(hnp.arrays(np.float32, (n, len(CLASSES[task])), elements=st.sampled_from([0.125, 0.25, 0.5, 0.75, 1])))
    scores = raw if task == "multilabel" else raw / raw.sum(axis=1, keepdims=True)
    subtypes = draw(hnp.arrays(np.float32, (n, 5), elements=st.sampled_from([0, 0, 0, 1])))
    labels = np.column_stack([subtypes, subtypes.max(axis=1)]).astype(np.float32)
    if unknown:
        hidden = draw(hnp.arrays(bool, (n,)))
        labels[hidden & (labels[:, 5] == 1), :5] = UNKNOWN
        labels[draw(hnp.arrays(bool, (n,), elements=st.sampled_from([True, False, False])))] = UNKNOWN
    return scores, labels


def every_case():
    return st.sampled_from(list(CLASSES)).flatmap(
        lambda task: st.tuples(st.just(task), st.booleans().flatmap(lambda unknown: cases(task, unknown)))
    )


@QUICK
@given(every_case())
def test_every_figure_is_that_of_scikit_learn(case):
    task, (scores, labels) = case
    found = classification_metrics(scores, labels, task)
    assert tuple(found) == METRIC_NAMES
    of_labels, decided = label_probabilities(scores, task), decisions(scores, task)
    for column, name in enumerate(LABELS):
        known = labels[:, column] != UNKNOWN
        suffix = "" if name == ANY else f"_{name}"
        y, p, d = labels[known, column], of_labels[known, column], decided[known, column]
        names = [f"precision{suffix}", f"recall{suffix}", f"f1{suffix}", f"auc_{name}", f"average_precision_{name}"]
        if np.isnan(p).any() or 1 not in y:
            assert [found[each] for each in names] == [None] * 5
            continue
        expected = [
            reference.precision_score(y, d, zero_division=0),
            reference.recall_score(y, d),
            reference.f1_score(y, d),
            reference.roc_auc_score(y, p) if 0 in y else None,
            reference.average_precision_score(y, p) if 0 in y else None,
        ]
        assert [found[each] for each in names] == [
            value if value is None else pytest.approx(value) for value in expected
        ]
        if name == ANY:
            assert found["accuracy"] == pytest.approx(reference.accuracy_score(y, d))
            negative = reference.recall_score(y, d, pos_label=0) if 0 in y else None
            assert found["specificity"] == (negative if negative is None else pytest.approx(negative))


@QUICK
@given(every_case())
def test_macro_is_the_mean_of_what_can_be_computed(case):
    task, (scores, labels) = case
    found = classification_metrics(scores, labels, task)
    for name in ("auc", "average_precision", "precision", "recall", "f1"):
        values = [found[f"{name}_{subtype}"] for subtype in SUBTYPES if found[f"{name}_{subtype}"] is not None]
        assert found[f"{name}_macro"] == (pytest.approx(sum(values) / len(values)) if values else None)
    assert all(value is None or (type(value) is float and np.isfinite(value)) for value in found.values())


@QUICK
@given(every_case())
def test_curves_are_those_of_scikit_learn(case):
    task, (scores, labels) = case
    of_labels = label_probabilities(scores, task)
    roc, precision_recall = roc_curves(scores, labels, task), precision_recall_curves(scores, labels, task)
    found = classification_metrics(scores, labels, task)
    assert set(roc) == set(precision_recall) == {name for name in LABELS if found[f"auc_{name}"] is not None}
    for name, curve in roc.items():
        column = LABELS.index(name)
        known = labels[:, column] != UNKNOWN
        for mine, theirs in zip(
            curve, reference.roc_curve(labels[known, column], of_labels[known, column]), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)
        assert reference.auc(*curve[:2]) == pytest.approx(found[f"auc_{name}"])
        points = precision_recall[name]
        assert len(points.precision) == len(points.recall) == len(points.thresholds) + 1


@QUICK
@given(every_case())
def test_confusion_counts_each_known_slice_once(case):
    task, (scores, labels) = case
    found = confusion(scores, labels, task)
    known = labels[:, 5] != UNKNOWN
    decided = decisions(scores, task)[known, 5]
    expected = [[np.sum((labels[known, 5] == y) & (decided == d)) for d in (0, 1)] for y in (0, 1)]
    np.testing.assert_array_equal(found["any"], expected)
    assert ("classes" in found) == (task == "subtype")
    if task == "subtype":
        assert found["classes"].sum() == np.sum((labels[:, 5] == 0) | (labels[:, :5] == 1).any(axis=1))


def test_confusion_of_a_slice_with_several_subtypes():
    labels = np.array([[1, 0, 0, 1, 0, 1]] * 3 + [[-1, -1, -1, -1, -1, 1], [0, 0, 0, 0, 0, 0]], dtype=np.float32)
    scores = np.full((5, 6), 0.08, dtype=np.float32)
    scores[[0, 1, 2, 3, 4], [4, 1, 3, 2, 0]] = 0.6  # subarachnoid, epidural, intraventricular, unknown type, normal
    expected = np.zeros((6, 6), dtype=int)
    expected[4, 4] = 1  # a true one, though not the first
    expected[1, 1] = 1
    expected[1, 3] = 1  # none of its true ones: under epidural, the first
    expected[0, 0] = 1
    found = confusion(scores, labels, "subtype")
    np.testing.assert_array_equal(found["classes"], expected)
    np.testing.assert_array_equal(found["any"], [[1, 0], [0, 4]])
    assert classification_metrics(scores, labels, "subtype")["class_accuracy"] == pytest.approx(3 / 4)


def test_a_slice_with_several_subtypes_counts_for_each():
    labels = np.array([[1, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0]], dtype=np.float32)
    scores = np.array([[0.1, 0.2, 0, 0, 0, 0.7], [0.9, 0.1, 0, 0, 0, 0]], dtype=np.float32)
    found = classification_metrics(scores, labels, "subtype")
    assert (found["recall_epidural"], found["recall_subdural"]) == (0, 1)
    assert (found["auc_epidural"], found["recall_macro"]) == (1, 0.5)


def test_label_probabilities_of_each_task():
    subtype = label_probabilities(np.array([[0.4, 0.1, 0.2, 0.1, 0.15, 0.05]]), "subtype")
    np.testing.assert_allclose(subtype, [[0.1, 0.2, 0.1, 0.15, 0.05, 0.6]])
    binary = label_probabilities(np.array([[0.3, 0.7]]), "binary")
    np.testing.assert_allclose(binary, [[np.nan] * 5 + [0.7]])
    multilabel = np.array([[0.9, 0.8, 0.7, 0.6, 0.5, 0.4]])
    np.testing.assert_array_equal(label_probabilities(multilabel, "multilabel"), multilabel)


def test_any_is_decided_at_the_threshold_and_not_by_the_largest_class():
    scores = np.array([[0.5, 0.1, 0.1, 0.1, 0.1, 0.1], [0.51, 0.49, 0, 0, 0, 0]])
    np.testing.assert_array_equal(decisions(scores, "subtype"), [[0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0]])
    np.testing.assert_array_equal(decisions(scores, "subtype", threshold=0.4)[:, 5], [1, 1])
    np.testing.assert_array_equal(decisions(np.array([[0.6, 0.4]]), "binary", 0.4), [[np.nan] * 5 + [1]])
    multilabel = np.array([[0.5, 0.4, 0.9, 0, 0, 0.3]])
    np.testing.assert_array_equal(decisions(multilabel, "multilabel", 0.3), [[1, 0, 1, 0, 0, 1]])


def test_log_loss_is_that_of_the_challenge():
    generator = np.random.default_rng(0)
    scores = generator.random((40, 6))
    labels = generator.integers(0, 2, (40, 6)).astype(np.float32)
    each = [reference.log_loss(labels[:, column], scores[:, column]) for column in range(6)]
    expected = (sum(each[:5]) + 2 * each[5]) / 7
    assert weighted_log_loss(scores, labels, "multilabel") == pytest.approx(expected)


def test_log_loss_leaves_unknown_out_and_clips():
    scores = np.array([[0.5, 0.5, 0.5, 0.5, 0.5, 0.0], [0.5] * 6])
    labels = np.array([[UNKNOWN] * 5 + [1], [UNKNOWN] * 6])
    assert weighted_log_loss(scores, labels, "multilabel") == pytest.approx(-np.log(1e-15))
    assert weighted_log_loss(scores[1:], labels[1:], "multilabel") is None
    assert weighted_log_loss(np.array([[0.75, 0.25]]), np.zeros((1, 6)), "binary") == pytest.approx(-np.log(0.75))


def test_a_class_that_is_absent_poisons_nothing():
    labels = np.array([[0, 1, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0]], dtype=np.float32)
    scores = np.array([[0.1, 0, 0.9, 0, 0, 0], [0.9, 0.1, 0, 0, 0, 0]], dtype=np.float32)
    found = classification_metrics(scores, labels, "subtype")
    assert found["auc_epidural"] is None and found["recall_epidural"] is None and found["f1_epidural"] is None
    assert found["auc_macro"] == found["auc_intraparenchymal"] == found["f1_macro"] == 1
    assert not_computable(labels, "subtype") == [
        f"{name}: no positive slice in this split"
        for name in ("epidural", "intraventricular", "subarachnoid", "subdural")
    ]


@pytest.mark.parametrize(("value", "missing"), [(0, {"precision", "recall", "f1"}), (1, {"specificity"})])
def test_one_class_only(value, missing):
    labels = np.full((3, 6), value, dtype=np.float32)
    scores = np.tile(np.array([0.4, 0.6], dtype=np.float32), (3, 1))
    found = classification_metrics(scores, labels, "binary")
    none = {name for name in ("accuracy", "precision", "recall", "f1", "specificity") if found[name] is None}
    assert none == missing
    assert found["auc_any"] is None and found["average_precision_any"] is None
    assert found["accuracy"] == value
    side = "negative" if value else "positive"
    assert not_computable(labels, "binary") == [
        f"any: no {side} slice in this split",
        "subtypes: a network of the binary task does not distinguish them",
    ]
    assert roc_curves(scores, labels, "binary") == {}


def test_all_scores_equal():
    labels = np.array([[0] * 6, [0, 0, 0, 0, 1, 1]], dtype=np.float32)
    found = classification_metrics(np.full((2, 6), 1 / 6, dtype=np.float32), labels, "subtype")
    assert found["auc_any"] == found["auc_subdural"] == 0.5
    assert (found["recall"], found["precision"], found["precision_subdural"], found["f1_subdural"]) == (1, 0.5, 0, 0)


def test_nothing_known():
    labels = np.full((2, 6), UNKNOWN, dtype=np.float32)
    scores = np.full((2, 6), 0.5, dtype=np.float32)
    assert set(classification_metrics(scores, labels, "multilabel").values()) == {None}
    assert not_computable(labels, "multilabel") == [f"{name}: unknown in every slice of this split" for name in LABELS]
    assert confusion(scores, labels, "multilabel")["any"].sum() == 0


@pytest.mark.parametrize(
    ("probabilities", "labels", "task", "error", "message"),
    [
        (np.ones((2, 6), dtype=int), np.zeros((2, 6)), "subtype", TypeError, "floating point, got int64"),
        (np.full((2, 5), 0.2), np.zeros((2, 6)), "subtype", ValueError, r"\[N, 6\], got \(2, 5\)"),
        (np.full(6, 1 / 6), np.zeros((1, 6)), "subtype", ValueError, r"got \(6,\)"),
        (np.full((2, 6), 1 / 6), np.zeros((3, 6)), "subtype", ValueError, r"\[2, 6\], got \(3, 6\)"),
        (np.full((2, 2), 0.5), np.zeros((2, 2)), "binary", ValueError, r"\[2, 6\], got \(2, 2\)"),
        (np.full((2, 2), 0.5), np.full((2, 6), "0"), "binary", TypeError, "labels must be numbers"),
        (np.full((2, 2), 0.5), np.full((2, 6), 0.5), "binary", ValueError, "1, 0 or -1"),
        (np.full((1, 2), np.nan), np.zeros((1, 6)), "binary", ValueError, "nan to nan"),
        (np.array([[-3.0, 4.0]]), np.zeros((1, 6)), "binary", ValueError, "-3.0 to 4.0; are they logits"),
        (np.array([[0.9, 0.9]]), np.zeros((1, 6)), "binary", ValueError, "sum to 1 in each slice, got 1.8"),
        (np.full((2, 2), 0.5), np.zeros((2, 6)), "triage", ValueError, "got 'triage'"),
    ],
)
def test_bad_input_is_named(probabilities, labels, task, error, message):
    for function in (classification_metrics, confusion, roc_curves, precision_recall_curves, weighted_log_loss):
        with pytest.raises(error, match=message):
            function(probabilities, labels, task)
