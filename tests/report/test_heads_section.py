"""Evaluation folders of whole heads of which the truth is known."""

from unittest.mock import patch

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bundle.heads import assess, fit_on_heads, whole_heads
from bundle.labels import ANY_INDEX
from bundle.predictions import Predictions, write_predictions
from bundle.report.sections.heads import _limits_of_distances, heads
from bundle.uncertainty import LEVEL, limits_by_patient
from tests.report.uncertain import read_evaluation, section_page, write_evaluation

DEPTH = 25


def write_heads(path, seed, count=60, task="subtype", far=(), thin=0, **changed):
    """Write heads of which every second bleeds in three neighbouring slices, and a series of four slices.

    The slices of the first `thin` ones are less than 2.5 mm apart.
    """
    rng = np.random.default_rng(seed)
    rows, scores, distances = [], [], []
    for head in range(count + 1):
        start, kind = int(rng.integers(3, DEPTH - 6)), head // 2 % 5
        for z in range(DEPTH if head < count else 4):
            inside = head % 2 == 1 and start <= z < start + 3
            label = [int(inside and k == kind) for k in range(5)] + [int(inside)]
            p = rng.beta(3, 3) if inside else rng.beta(1, 12)
            shares = np.full(5, 0.05) + 0.75 * (np.arange(5) == (kind if inside else rng.integers(5)))
            scores.append({"subtype": [1 - p, *(p * shares)], "binary": [1 - p, p]}[task])
            name = f"{seed}-{head}"
            row = {"image": f"{name}-{z}.dcm", "patient": name, "series": name, "label": label}
            row["position"] = (2.4 if head < thin else 5.0) * z
            rows.append({**row, **changed})
            distances.append(9.0 if head in far else rng.random())
    write_predictions(path, Predictions.of_rows(rows, np.array(scores), task, distances))


@pytest.fixture
def folder(tmp_path):
    write_heads(tmp_path / "predictions.csv", 1, far=(0, 2))
    write_heads(tmp_path / "validation.csv", 2)
    return tmp_path


def test_heads_are_assessed_by_the_calibration_of_validation(folder):
    page, content = section_page("heads", folder)
    evaluation = read_evaluation(folder)
    calibration = fit_on_heads(whole_heads(evaluation.validation))
    own = whole_heads(evaluation.predictions)
    found, truth = assess(own, calibration), own.labels[:, ANY_INDEX]
    assert content["counts"] == {"heads": 60, "positive": 30, "negative": 30, "unknown": 0, "thin": 0}
    assert content["fitted_on"] == "validation" and content["threshold"] == calibration.threshold
    figures = {name: figure["value"] for name, figure in content["figures"].items()}
    assert figures["auc"] == pytest.approx(roc_auc_score(truth, own.peaks[:, ANY_INDEX]))
    assert figures["sensitivity"] == pytest.approx(found.called[truth == 1].mean())
    assert figures["brier"] == pytest.approx(np.mean((found.p_any - truth) ** 2))
    sets = content["sets"]
    assert sets["coverage_hemorrhage"]["value"] == pytest.approx(found.sets[truth == 1, 1].mean())
    assert sets["coverage_normal"]["value"] == pytest.approx(found.sets[truth == 0, 0].mean())
    assert "Whole heads: 60, positive 30, negative 30, unknown 0." in page.text
    assert (folder / "figures" / "head_risk_coverage.png").is_file()


def test_what_would_be_done_is_what_inference_does(folder):
    content = heads(read_evaluation(folder))
    for name, shares in content["actions"].items():
        assert list(shares) == ["read first", "read soon", "routine"], name
        assert sum(figure["value"] for figure in shares.values()) == pytest.approx(1)
    assert content["actions"]["hemorrhage"]["read first"]["value"] == content["figures"]["sensitivity"]["value"]
    assert content["actions"]["normal"]["read soon"]["value"] >= 2 / 30, "two heads are unlike validation"
    of_all = content["referral"]
    routine_bleeds = content["actions"]["hemorrhage"]["routine"]["value"]
    assert of_all["missed"]["value"] == pytest.approx(routine_bleeds / 2)
    curve = of_all["curve"]["shares"]
    wrong = 1 - (content["figures"]["sensitivity"]["value"] + content["figures"]["specificity"]["value"]) / 2
    assert curve[0]["errors"] == pytest.approx(wrong) and curve[-1]["errors"] <= curve[0]["errors"]


def test_rules_are_compared_with_the_one_in_force_and_subtypes_are_ranked(folder):
    content = heads(read_evaluation(folder))
    rules = content["rules"]
    assert next(iter(rules)) == "peak" and rules["peak"]["difference"] is None
    for name, rule in list(rules.items())[1:]:
        difference = rule["auc"]["value"] - rules["peak"]["auc"]["value"]
        assert rule["difference"]["value"] == pytest.approx(difference), name
    assert rules["peak"]["auc"]["value"] == content["figures"]["auc"]["value"]
    assert [each["positive"] for each in content["subtypes"].values()] == [6] * 5
    assert all(each["auc"]["value"] > 0.8 for each in content["subtypes"].values())


def test_the_validation_itself_is_cross_fitted(folder):
    (folder / "validation.csv").write_bytes((folder / "predictions.csv").read_bytes())
    page, content = section_page("heads", folder)
    assert content["fitted_on"] == "other patients" and content["threshold"] is None
    assert "are cross-fitted" in page.text


def test_a_head_of_the_validation_itself_is_unlike_by_the_limit_of_others(folder):
    (folder / "validation.csv").write_bytes((folder / "predictions.csv").read_bytes())
    evaluation = read_evaluation(folder)
    own, limits = whole_heads(evaluation.validation), limits_by_patient(evaluation.validation, LEVEL)
    wanted = [limits[patient].distance for patient in own.patients]
    assert len(set(wanted)) > 1
    np.testing.assert_array_equal(_limits_of_distances(evaluation, own), wanted)


def test_too_few_heads_of_validation_are_those_of_the_split(folder):
    write_heads(folder / "validation.csv", 2, count=10)
    assert heads(read_evaluation(folder))["fitted_on"] == "other patients"


def test_too_few_heads_of_both_leave_nothing_routine(tmp_path):
    write_heads(tmp_path / "predictions.csv", 1, count=10, task="binary")
    page, content = section_page("heads", tmp_path)
    assert content["fitted_on"] is content["sets"] is None and content["subtypes"] == {}
    assert content["threshold"] == 0.5
    assert all(shares["routine"]["value"] == 0 for shares in content["actions"].values())
    assert "no head is routine" in page.text


def test_enough_heads_that_one_fold_is_short_of_are_not_said_to_be_too_few(tmp_path):
    """Without their fifth, 20 positive heads are 16: fewer than the 19 that a calibration takes."""
    write_heads(tmp_path / "predictions.csv", 1, count=40)
    page, content = section_page("heads", tmp_path)
    assert content["fitted_on"] is None and content["counts"]["positive"] >= content["needed"]["hemorrhage"]
    assert "needed, in validation or here among the other patients of each fifth" in page.text
    assert "Neither" not in page.text


def test_heads_of_which_nothing_is_known(folder):
    write_heads(folder / "predictions.csv", 1, count=4, label=[None] * 6)
    page, content = section_page("heads", folder)
    assert content is None and "no whole head" in page.text
    assert not (folder / "figures" / "head_risk_coverage.png").exists()


def test_heads_of_thin_slices_are_left_out_and_counted(folder):
    with patch("tests.report.test_heads_section.DEPTH", 60):
        write_heads(folder / "predictions.csv", 1, thin=4)
    page, content = section_page("heads", folder)
    assert content["counts"] == {"heads": 56, "positive": 28, "negative": 28, "unknown": 0, "thin": 4}
    assert "because their slices are less than 2.5 mm apart: 4; inference averages" in page.text


def test_slices_without_positions_are_no_heads(tmp_path):
    _, content = section_page("heads", write_evaluation(tmp_path))
    assert content is None
