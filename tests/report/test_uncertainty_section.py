import math

import numpy as np
import pytest

from bundle.labels import CLASSES
from bundle.predictions import Predictions, read_predictions, true_classes, write_predictions
from bundle.report.sections.risk_coverage import SHARES
from bundle.report.sections.uncertainty import draw_uncertainty, uncertainty
from bundle.statistics import patient_folds
from bundle.uncertainty import any_sets, class_sets, fit_limits
from tests.report.uncertain import UNKNOWN_LABEL, read_evaluation, section_page, write_evaluation, write_split


@pytest.fixture
def folder(tmp_path):
    return write_evaluation(tmp_path)


@pytest.mark.parametrize("task", CLASSES)
def test_the_page_tells_coverage_and_what_is_referred(tmp_path, task):
    page, content = section_page("uncertainty", write_evaluation(tmp_path, task))
    found = content
    assert [each["level"] for each in found["levels"]] == [0.9, 0.95]
    for each in found["levels"]:
        assert (each["classes"] is None) == (task == "binary")
        figures = each["any"]["figures"]
        assert 0.8 <= figures["coverage"]["value"] <= 1
        for name in ("coverage", "coverage_normal", "size"):
            assert f"{figures[name]['value']:.3f}" in page.text
        referral = each["referral"]
        low, high = referral["referred"]["interval"]
        assert low <= referral["referred"]["value"] <= high
        assert f"{referral['errors']['value']:.3f}" in page.text
    assert (tmp_path / "figures" / "risk_coverage.png").is_file()
    assert "ID_" not in page.text and "secret" not in page.text


def test_figures_are_those_counted_by_hand(folder):
    evaluation = read_evaluation(folder)
    content = uncertainty(evaluation)
    predictions, level = evaluation.predictions, content["levels"][0]
    p_any, truth = 1 - predictions.probabilities[:, 0], predictions.labels[:, 5]
    limits = level["limits"]
    sets = np.column_stack([p_any <= limits["normal"], 1 - p_any <= limits["hemorrhage"]])
    covered = sets[np.arange(len(truth)), truth.astype(int)]
    assert level["any"]["figures"]["coverage"]["value"] == pytest.approx(covered.mean())
    assert level["any"]["figures"]["coverage_hemorrhage"]["value"] == pytest.approx(covered[truth == 1].mean())
    assert level["any"]["figures"]["size"]["value"] == pytest.approx(sets.sum(axis=1).mean())
    referred = (sets.sum(axis=1) != 1) | (predictions.distances > limits["distance"])
    wrong = (p_any >= 0.5) != (truth == 1)
    assert level["referral"]["referred"]["value"] == pytest.approx(referred.mean())
    assert level["referral"]["errors"]["value"] == pytest.approx((wrong & ~referred).mean())
    assert level["referral"]["error_rate"]["value"] == pytest.approx(wrong[~referred].mean())
    assert content["doubt"]["probability"]["shares"][0]["errors"] == pytest.approx(wrong.mean())
    assert [each["referred"] for each in content["doubt"]["probability"]["shares"]] == list(SHARES)
    errors = [each["errors"] for each in content["doubt"]["probability"]["shares"]]
    assert errors == sorted(errors, reverse=True)


def test_the_validation_itself_is_told_by_the_limits_of_others(folder):
    """By limits of its own slices it would be covered as promised, whatever they are worth."""
    rows, scores = write_split(folder / "predictions.csv", 1)
    for name, distance in (("validation", np.linspace(1, 9, len(rows))), ("predictions", np.zeros(len(rows)))):
        write_predictions(folder / f"{name}.csv", Predictions.of_rows(rows, scores, "subtype", distance))
    page, content = section_page("uncertainty", folder)
    evaluation = read_evaluation(folder)
    validation, level = evaluation.validation, content["levels"][0]
    np.testing.assert_array_equal(evaluation.predictions.distances, validation.distances)
    sets, classes = np.zeros((len(validation), 2), bool), np.zeros((len(validation), 6), bool)
    unlike, truth = np.zeros(len(validation), bool), validation.truth.astype(int)
    for others, own in patient_folds(validation.clusters):
        limits, part = fit_limits(validation.restricted(others), 0.9), validation.restricted(own)
        sets[own] = any_sets(part.p_any, (limits.normal, limits.hemorrhage))
        classes[own] = class_sets(part.probabilities, "subtype", limits.classes)
        unlike[own] = part.distances > limits.distance
    assert level["any"]["figures"]["coverage"]["value"] == pytest.approx(sets[range(len(truth)), truth].mean())
    covers = (~true_classes(validation.labels) | classes).all(axis=1)
    assert level["classes"]["figures"]["coverage"]["value"] == pytest.approx(covers.mean())
    assert level["referral"]["unlike"]["value"] == pytest.approx(unlike.mean())
    assert level["limits"]["normal"] == fit_limits(validation, 0.9).normal, "those of all are shown"
    assert content["cross_fitted"] and "so they are cross-fitted" in page.text
    assert not section_page("uncertainty", write_evaluation(folder))[1]["cross_fitted"]


def test_without_a_validation(folder):
    (folder / "validation.csv").unlink()
    page, content = section_page("uncertainty", folder)
    assert content is None
    assert "there are no prediction sets" in page.text
    assert not (folder / "figures" / "risk_coverage.png").exists()


def test_without_distances(tmp_path):
    page, content = section_page("uncertainty", write_evaluation(tmp_path, distances=False))
    assert content["doubt"]["distance"] is None
    assert content["levels"][0]["referral"]["unlike"]["value"] == 0
    assert "Feature distances were not computed" in page.text


def test_one_patient(tmp_path):
    folder = write_evaluation(tmp_path, patients=1, slices=6)
    rows, scores = write_split(folder / "validation.csv", 2, patients=1, slices=6)
    write_predictions(folder / "validation.csv", Predictions.of_rows(rows, scores, "subtype", np.full(6, np.inf)))
    page, content = section_page("uncertainty", folder)
    level = content["levels"][0]
    assert level["limits"]["normal"] is None and level["limits"]["distance"] is None
    assert level["any"]["figures"]["size"]["value"] == 2, "six slices rule nothing out"
    assert level["referral"]["referred"]["value"] == 1
    assert "has only one patient, so there is no limit" in page.text
    assert "the validation split has fewer: the class with too few slices is in every set" in page.text


def test_one_class(tmp_path):
    page, content = section_page("uncertainty", write_evaluation(tmp_path, bleeding=0))
    level = content["levels"][0]
    assert level["limits"]["hemorrhage"] is None and level["limits"]["normal"] is not None
    assert level["any"]["figures"]["coverage_hemorrhage"]["value"] is None
    assert level["any"]["figures"]["size"]["value"] >= 1
    assert "the class with too few slices is in every set" in page.text


def test_equal_scores_tell_nothing_apart(tmp_path):
    _, content = section_page("uncertainty", write_evaluation(tmp_path, equal=True, distances=False))
    level = content["levels"][0]
    assert level["any"]["figures"]["decided"]["value"] == 0
    assert level["referral"]["referred"]["value"] == 1
    shares = content["doubt"]["probability"]["shares"]
    assert shares[3]["errors"] == pytest.approx(0.8 * shares[0]["errors"]), "no order is better than another"


def test_labels_that_are_all_unknown(folder):
    rows, scores = write_split(folder / "predictions.csv", 1)
    write_predictions(
        folder / "predictions.csv",
        Predictions.of_rows([{**row, "label": UNKNOWN_LABEL} for row in rows], scores, "subtype"),
    )
    page, content = section_page("uncertainty", folder)
    level = content["levels"][0]
    assert level["any"]["figures"] is None and level["referral"] is None
    assert "errors cannot be counted" in page.text
    evaluation = read_evaluation(folder)
    assert draw_uncertainty(evaluation, {"uncertainty": uncertainty(evaluation)}) == {"risk_coverage": None}


def test_the_distances_are_those_of_the_file(folder):
    rows, scores = write_split(folder / "predictions.csv", 1)
    far = np.linspace(0, 9, len(rows))
    far[0] = math.inf
    write_predictions(folder / "predictions.csv", Predictions.of_rows(rows, scores, "subtype", far))
    assert read_predictions(folder / "predictions.csv").distances == pytest.approx(far)
