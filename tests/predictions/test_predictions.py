import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.labels import CLASSES, UNKNOWN
from bundle.predictions import (
    STUDY_RULES,
    Predictions,
    decisions,
    label_probabilities,
    study_labels,
    study_names,
    study_scores,
    true_classes,
)

ROWS = st.sampled_from([[0] * 6, [1, 0, 0, 0, 0, 1], [0, 0, 1, 0, 1, 1], [None] * 5 + [1], [None] * 6])


@st.composite
def predictions(draw):
    task, labels = draw(st.sampled_from(list(CLASSES))), draw(st.lists(ROWS, min_size=1, max_size=8))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scores = generator.dirichlet(np.ones(len(CLASSES[task])), len(labels))
    rows = [
        {
            "image": f"{index}.dcm",
            "label": label,
            "study_label": draw(ROWS),
            "patient": draw(st.sampled_from(["", "A", "B"])),
            "study": draw(st.sampled_from(["", "1.2", "1.3"])),
            "site": draw(st.sampled_from(["", "here"])),
            "position": draw(st.sampled_from([None, float("nan"), -3.5])),
        }
        for index, label in enumerate(labels)
    ]
    return Predictions.of_rows(rows, scores, task, generator.random(len(labels)))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(predictions(), st.floats(0.1, 0.9))
def test_what_it_derives_is_what_the_functions_give(found, threshold):
    np.testing.assert_array_equal(found.label_probabilities, label_probabilities(found.probabilities, found.task))
    np.testing.assert_array_equal(found.decisions(threshold), decisions(found.probabilities, found.task, threshold))
    np.testing.assert_array_equal(found.decided(threshold), found.decisions(threshold)[:, 5])
    np.testing.assert_array_equal(found.p_any, found.label_probabilities[:, 5])
    np.testing.assert_array_equal(found.known, found.labels[:, 5] != UNKNOWN)
    assert found.studies == study_names(found.details["study"], found.patients, found.details["site"])
    assert found.lines == tuple(range(2, 2 + len(found)))
    assert len(set(found.clusters)) == len(set(found.patients) - {""}) + found.patients.count("")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(predictions(), st.integers(0, 2**8 - 1))
def test_a_restriction_takes_the_same_slices_of_everything(found, bits):
    mask = np.array([bits >> index & 1 for index in range(len(found))], dtype=bool)
    part, chosen = found.restricted(mask), np.flatnonzero(mask)
    assert part.lines == tuple(found.lines[index] for index in chosen)
    for name in ("probabilities", "labels", "distances", "clusters"):
        np.testing.assert_array_equal(getattr(part, name), getattr(found, name)[chosen])
    assert {name: len(texts) for name, texts in part.details.items()} == dict.fromkeys(found.details, len(chosen))
    again = found.restricted(chosen)
    assert (again.patients, again.details) == (part.patients, part.details)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(predictions(), st.sampled_from(list(STUDY_RULES)))
def test_studies_are_scored_and_labelled_by_their_slices(found, rule):
    of_studies = found.by_study(rule)
    np.testing.assert_allclose(of_studies.p_any, study_scores(found.p_any, found.studies, rule), atol=1e-12)
    np.testing.assert_array_equal(of_studies.labels, study_labels(found.labels, found.studies, found.study_labels))
    assert of_studies.task == ("binary" if found.task == "binary" else "multilabel")
    first = [found.studies.index(study) for study in dict.fromkeys(found.studies)]
    assert of_studies.clusters.tolist() == found.clusters[first].tolist()


def test_studies_of_two_patients_or_sites_are_two_though_they_have_one_name():
    who = [("A", ""), ("B", ""), ("A", "here"), ("A", "")]
    rows = [{"image": str(k), "study": "1", "patient": p, "site": site} for k, (p, site) in enumerate(who)]
    found = Predictions.of_rows(rows, [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], "binary").by_study()
    assert found.p_any.round(1).tolist() == [0.4, 0.8, 0.3] and found.patients == ("A", "B", "A")


def test_true_classes_of_labels():
    labels = np.array([[0] * 6, [0, 1, 0, 0, 1, 1], [UNKNOWN] * 5 + [1], [UNKNOWN] * 6], float)
    expected = [[1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 1], [0] * 6, [0] * 6]
    np.testing.assert_array_equal(true_classes(labels), np.array(expected, bool))


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"probabilities": np.array([[0.5, 0.6]])}, "must sum to 1"),
        ({"labels": np.array([[2] * 6])}, "labels must be 1, 0 or"),
        ({"patients": ("A", "B")}, "patients must be of 1 slices, as the probabilities are, got 2"),
        ({"details": {"study": ()}}, "details study must be of 1 slices"),
        ({"distances": np.zeros(3)}, "distances must be of 1 slices"),
    ],
)
def test_parts_that_do_not_fit_are_refused(part, sentence):
    whole = {"task": "binary", "probabilities": np.array([[0.5, 0.5]]), "labels": np.array([[0] * 6])}
    with pytest.raises(ValueError, match=sentence):
        Predictions(**{**whole, **part})


def test_it_cannot_be_changed():
    found = Predictions("binary", np.array([[0.5, 0.5]]), np.array([[0] * 6]))
    with pytest.raises(ValueError, match="read-only"):
        found.probabilities[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.task = "subtype"


def test_a_label_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="the label any is 0"):
        Predictions.of_rows([{"label": [1, 0, 0, 0, 0, 0]}], [[0.5, 0.5]], "binary")
