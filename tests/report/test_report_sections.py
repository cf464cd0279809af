"""What the sections tell of evaluations whose truth is known."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, recall_score
from sklearn.model_selection import GroupKFold

from bundle.calibration import scale_temperature, threshold_for_sensitivity
from bundle.labels import UNKNOWN
from bundle.metrics import METRIC_NAMES, classification_metrics
from bundle.predictions import Predictions, write_predictions
from bundle.report.evaluation import Evaluation
from bundle.report.sections.calibration import calibration
from bundle.report.sections.cautions import cautions
from bundle.report.sections.fairness import fairness
from bundle.report.sections.operating_points import operating_points
from scripts.report import main
from tests.report.uncertain import section_page


def drawn(patients, seed, too_sure=1.0, slices=8, **details):
    """A network of the binary task that is as sure as it is right, made `too_sure` times surer."""
    generator = np.random.default_rng(seed)
    n = patients * slices
    p = generator.beta(0.6, 0.9, n)
    labels = np.full((n, 6), UNKNOWN, np.float32)
    labels[:, 5] = generator.random(n) < p
    names = tuple(f"{seed}-{k // slices}" for k in range(n))
    scores = scale_temperature(np.column_stack([1 - p, p]), "binary", 1 / too_sure)
    repeated = {name: tuple(np.repeat(values, slices).tolist()) for name, values in details.items()}
    return Predictions("binary", scores, labels, names, tuple(range(2, n + 2)), repeated)


def evaluation(test, **others):
    return Evaluation(None, test, **others)


def test_a_network_that_is_too_sure_is_calibrated_by_the_validation():
    test = drawn(150, 1, too_sure=3)
    found = calibration(evaluation(test, validation=drawn(150, 2, too_sure=3)))
    assert found["temperature"] == pytest.approx(3, rel=0.15) and not found["at_limit"]
    before, after = (found[when]["labels"]["any"] for when in ("before", "after"))
    assert before["calibration_error"]["value"] > 0.08 > 0.04 > after["calibration_error"]["value"]
    truth = test.labels[:, 5]
    assert before["brier"]["value"] == pytest.approx(brier_score_loss(truth, test.probabilities[:, 1]))
    assert after["brier"]["interval"][1] < before["brier"]["interval"][1]
    assert before["brier"]["interval"][0] < before["brier"]["value"] < before["brier"]["interval"][1]
    assert sum(point["count"] for point in found["before"]["reliability"]) == len(truth)
    assert set(found["before"]["labels"]) == {"any"}, "a binary network says nothing of subtypes"


def test_a_calibrated_network_is_told_at_other_prevalences():
    found = calibration(evaluation(drawn(500, 1)))
    assert found["share"] == pytest.approx(0.4, abs=0.02), "as drawn"
    told = {each["prevalence"]: each for each in found["prevalences"]}
    assert list(told) == [0.05, 0.15, 0.3, 0.5]
    rare = told[0.05]
    assert rare["as_is"]["value"] > 0.15 > 0.03 > rare["shifted"]["value"]
    low, high = rare["as_is"]["interval"]
    assert low < rare["as_is"]["value"] < high
    assert all(each["shifted"]["value"] < each["as_is"]["value"] for each in told.values())
    without = replace(drawn(50, 1), labels=np.zeros((400, 6), np.float32))
    assert calibration(evaluation(without))["prevalences"] == []


def test_thresholds_are_chosen_on_the_validation_and_hold_on_the_test():
    test, validation = drawn(150, 1), drawn(150, 2)
    found = operating_points(evaluation(test, validation=validation, sensitivities=(0.8,), specificities=(0.7,)))
    sensitive, specific = found["points"]
    truth, score = test.labels[:, 5] == 1, test.probabilities[:, 1]
    for point, side in ((sensitive, 1), (specific, 0)):
        told = point["figures"][point["wanted"]]
        called = score >= point["threshold"]
        assert told["value"] == pytest.approx(recall_score(truth, called, pos_label=side))
        assert told["interval"][0] < point["share"] < told["interval"][1], "another draw of the same patients"
        assert point["chosen_on"] == np.sum(validation.labels[:, 5] == side)
        assert sum(point["counts"].values()) == len(truth)
    assert sensitive["threshold"] in validation.probabilities[:, 1]


def test_patients_of_the_validation_are_told_by_the_thresholds_of_others():
    test = drawn(150, 1)
    named = replace(test, details={"image": tuple(f"{line}.png" for line in test.lines)})
    own, fair = (
        operating_points(evaluation(one, validation=one, sensitivities=(0.8,), specificities=()))
        for one in (test, named)
    )
    assert fair["cross_fitted"] and not own["cross_fitted"]
    assert fair["points"][0]["threshold"] == own["points"][0]["threshold"]
    truth, score, patients = test.labels[:, 5] == 1, test.probabilities[:, 1], np.array(test.patients)
    called = np.zeros(len(truth), bool)
    for others, part in GroupKFold(5).split(score, groups=patients):
        called[part] = score[part] >= threshold_for_sensitivity(truth[others], score[others], 0.8)
    told = fair["points"][0]["figures"]["sensitivity"]["value"]
    assert (
        told == pytest.approx(recall_score(truth, called))
        and told != own["points"][0]["figures"]["sensitivity"]["value"]
    )
    few = replace(named, patients=tuple(f"P{line % 4}" for line in test.lines))
    assert not operating_points(evaluation(few, validation=few))["cross_fitted"]


def test_bleeds_of_one_patient_choose_no_threshold_for_others(tmp_path):
    rows, p = [], []
    for patient in range(10):
        for index in range(4):
            bleeds = patient == 0 and index < 3
            label = [None] * 5 + [1] if bleeds else [0] * 6
            rows.append({"image": f"{patient}-{index}.png", "patient": f"P{patient}", "label": label})
            p.append(0.8 if bleeds else 0.1)
    scores = np.column_stack([1 - np.array(p), p])
    for name in ("predictions.csv", "validation.csv"):
        write_predictions(tmp_path / name, Predictions.of_rows(rows, scores, "binary"))
    page, content = section_page("operating_points", tmp_path)
    assert content["cross_fitted"] and content["points"][0]["threshold"] and not content["points"][0]["figures"]
    assert "too few patients with such slices: without one fifth of the patients" in page.text
    assert "no slice with a known label" not in page.text


def test_a_caution_names_what_was_chosen_on_the_slices_that_it_is_told_of():
    test = drawn(150, 1)
    named = replace(test, details={"image": tuple(f"{line}.png" for line in test.lines)})
    (fair,) = (each for each in cautions(evaluation(named, validation=named)) if "validation" in each)
    assert "are cross-fitted" in fair and "the temperature is not, and looks better here" in fair
    few = replace(named, patients=tuple(f"P{line % 4}" for line in test.lines))
    (small,) = (each for each in cautions(evaluation(few, validation=few)) if "validation" in each)
    assert "too few patients to cross-fit: temperature, thresholds and the limits" in small
    part = named.restricted(np.arange(16))
    (shared,) = (each for each in cautions(evaluation(part, validation=named)) if "validation" in each)
    assert "also in the validation split: 2. What was chosen there (temperature, thresholds, cal" in shared
    assert not any("validation" in each for each in cautions(evaluation(drawn(9, 2), validation=named)))


def test_a_scanner_on_which_the_network_fails_is_named_and_the_sexes_are_not():
    test = drawn(200, 3, sex=["F", "M"] * 100, manufacturer=["good"] * 120 + ["bad"] * 75 + ["rare"] * 5)
    bad = np.array(test.details["manufacturer"]) == "bad"
    scores = test.probabilities.copy()
    scores[bad] = np.random.default_rng(0).permutation(scores[bad])
    found = fairness(evaluation(replace(test, probabilities=scores)))
    assert list(found) == ["sex", "manufacturer"], "nothing is told of what the data does not say"
    assert not any(gap["exceeds"] for gap in found["sex"]["gaps"])
    assert {gap["metric"] for gap in found["manufacturer"]["gaps"] if gap["exceeds"]} >= {"accuracy", "auc_any"}
    assert all(gap["difference"] < 0 for gap in found["manufacturer"]["gaps"] if gap["exceeds"])
    good, worse, rare = found["manufacturer"]["groups"]
    assert (good["name"], good["patients"], good["slices"]) == ("good", 120, 960)
    assert rare["figures"] is None and rare["patients"] == 5
    expected = classification_metrics(scores[bad], test.labels[bad], "binary")
    assert tuple(worse["figures"]) == METRIC_NAMES
    assert {name: figure["value"] for name, figure in worse["figures"].items()} == pytest.approx(expected)


def fairness_page(folder, misses):
    """Return the page of two sexes of whom the network misses these shares of bleeds, and tells the rest rightly."""
    rows, p = [], []
    for patient in range(60):
        sex = "FM"[patient >= 32]
        for index in range(12):
            bleeds, noisy = index == 0, patient % 3 == index % 3 == 0
            missed = bleeds and patient % 10 < 10 * misses[sex]
            p.append((0.4 if missed else 0.9) if bleeds else (0.8 if noisy else 0.1))
            label = [None] * 5 + [1] if bleeds else [0] * 6
            rows.append({"image": f"{patient}-{index}.png", "patient": f"P{patient}", "sex": sex, "label": label})
    scores = np.column_stack([1 - np.array(p), p])
    write_predictions(folder / "predictions.csv", Predictions.of_rows(rows, scores, "binary"))
    return section_page("fairness", folder)


def test_a_difference_to_a_group_whose_value_is_always_the_same_is_not_said_to_include_0(tmp_path):
    page, content = fairness_page(tmp_path, {"F": 0, "M": 0.3})
    recall = next(gap for gap in content["sex"]["gaps"] if gap["metric"] == "recall")
    assert recall["interval"][1] < 0 and not recall["exceeds"]
    assert "include 0" not in page.text
    named = page.text.split("cannot be computed in many: ")[1]
    assert named.startswith("Recall in M, AUC in M, Average precision in M.")


def test_intervals_that_all_include_0_are_said_to(tmp_path):
    page, content = fairness_page(tmp_path, {"F": 0.2, "M": 0.2})
    assert all(gap["interval"][0] <= 0 <= gap["interval"][1] for gap in content["sex"]["gaps"])
    assert "All intervals of the differences to F, the largest group, include 0." in page.text
    assert "cannot be judged" not in page.text


def test_ages_are_in_bands_and_what_is_no_age_is_unknown():
    ages = ["0.5", "17.9", "18", "64", "80", "97", "", "old", "nan"]
    found = fairness(evaluation(drawn(9, 4, age=ages)))["age"]
    assert {group["name"]: group["patients"] for group in found["groups"]} == {
        "under 18": 2, "18 to 39": 1, "60 to 79": 1, "80 and over": 2,
    }  # fmt: skip
    assert found["unknown"] == 3 * 8 and found["gaps"] == []


def test_equal_groups_are_rarely_called_unequal():
    called = compared = 0
    for seed in range(8):
        test = drawn(60, 10 + seed, slices=4, site=["a", "b", "c"] * 20)
        gaps = fairness(evaluation(test))["site"]["gaps"]
        called, compared = called + sum(gap["exceeds"] for gap in gaps), compared + len(gaps)
    assert compared == 8 * 2 * 7 and called / compared < 0.12


def test_wishes_are_kept_when_the_report_is_rebuilt(tmp_path):
    rows = [{"image": f"{k}.png", "patient": f"P{k}", "label": [0] * 6} for k in range(20)]
    scores = np.tile([0.75, 0.25], (20, 1))
    for name in ("predictions.csv", "validation.csv"):
        write_predictions(tmp_path / name, Predictions.of_rows(rows, scores, "binary"))
    main(str(tmp_path), sensitivities=0.8, specificities=(0.5, 1))
    main(str(tmp_path))
    points = json.loads((tmp_path / "report.json").read_text())["operating_points"]["points"]
    assert [(point["wanted"], point["share"]) for point in points] == [
        ("sensitivity", 0.8), ("specificity", 0.5), ("specificity", 1),
    ]  # fmt: skip
