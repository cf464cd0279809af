import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bundle.labels import CLASSES
from bundle.metrics import classification_metrics
from bundle.predictions import STUDY_RULE, STUDY_RULES, Predictions, read_predictions, write_predictions
from bundle.report.sections.studies import studies
from bundle.statistics import patient_folds
from bundle.uncertainty import any_sets, fit_any
from tests.report.uncertain import UNKNOWN_LABEL, read_evaluation, section_page, write_evaluation, write_split

NOBODY = {"patient": "", "study": ""}


@pytest.fixture
def folder(tmp_path):
    return write_evaluation(tmp_path)


def p_any_by_study(predictions, slices=4):
    return (1 - predictions.probabilities[:, 0]).reshape(-1, slices)


@pytest.mark.parametrize("task", CLASSES)
def test_the_page_compares_the_rules(tmp_path, task):
    page, content = section_page("studies", write_evaluation(tmp_path, task))
    found = content
    assert found["counts"] == {
        "studies": 24, "positive": 12, "negative": 12, "unknown": 0, "named": 24, "of_patients": 0, "of_slices": 0,
    }  # fmt: skip
    assert list(found["rules"]) == list(STUDY_RULES) and found["rule"] == STUDY_RULE
    for rule, figures in found["rules"].items():
        assert f"{rule} {figures['validation_auc']:.3f} {figures['auc']['value']:.3f}" in page.text
    assert "Studies: 24, positive 12, negative 12, unknown 0." in page.text
    assert (tmp_path / "figures" / "study_roc.png").is_file()


def test_figures_are_those_of_scikit_learn(folder):
    evaluation = read_evaluation(folder)
    content = studies(evaluation)
    truth = evaluation.predictions.labels[::4, 5]
    scores = {"max": p_any_by_study(evaluation.predictions).max(1)}
    scores["noisy_or"] = 1 - (1 - p_any_by_study(evaluation.predictions)).prod(1)
    for rule, score in scores.items():
        assert content["rules"][rule]["auc"]["value"] == pytest.approx(roc_auc_score(truth, score))
        called = content["rules"][rule]["at_threshold"]
        assert called["sensitivity"]["value"] == pytest.approx(np.mean(score[truth == 1] >= 0.5))
    expected = classification_metrics(np.column_stack([1 - scores["max"], scores["max"]]), _six(truth), "binary")
    for name in ("accuracy", "recall", "specificity", "auc_any"):
        assert content["metrics"][name]["value"] == pytest.approx(expected[name])
    fitted = p_any_by_study(evaluation.validation).max(1)
    assert (
        np.mean(fitted[evaluation.validation.labels[::4, 5] == 1] >= content["rules"]["max"]["own_threshold"]) >= 0.95
    )


def _six(truth):
    labels = np.full((len(truth), 6), -1.0)
    labels[:, 5] = truth
    return labels


def test_no_rule_is_chosen_on_the_test(folder):
    before = studies(read_evaluation(folder))
    write_split(folder / "predictions.csv", 5)
    after = studies(read_evaluation(folder))
    assert before["metrics"] != after["metrics"]
    assert before["preferred"] == after["preferred"] is not None
    assert [each["own_threshold"] for each in before["rules"].values()] == [
        each["own_threshold"] for each in after["rules"].values()
    ]


def test_sets_by_study_are_calibrated_on_studies(folder):
    nine, nineteen = studies(read_evaluation(folder))["sets"]
    assert nine["calibrated"] == {"normal": 12, "hemorrhage": 12}
    assert (nine["needed"], nineteen["needed"]) == (9, 19)
    assert nine["figures"]["size"]["value"] < 2
    assert nineteen["figures"]["size"]["value"] == 2, "twelve studies of a kind are too few for 95 %"


def test_studies_of_the_validation_itself_are_told_by_those_of_other_patients(folder):
    (folder / "validation.csv").write_bytes((folder / "predictions.csv").read_bytes())
    page, content = section_page("studies", folder)
    of_studies = read_evaluation(folder).predictions.by_study()
    p_any, truth = of_studies.p_any, of_studies.truth.astype(int)
    called, sets = np.zeros(24, bool), np.zeros((24, 2), bool)
    for others, own in patient_folds(of_studies.clusters):
        called[own] = p_any[own] >= p_any[others][truth[others] == 1].min()  # All of at most twelve make 95 %.
        sets[own] = any_sets(p_any[own], fit_any(p_any[others], truth[others], 0.9))
    at_own = content["rules"][STUDY_RULE]["at_own"]
    assert at_own["sensitivity"]["value"] == pytest.approx(called[truth == 1].mean()) and not called[truth == 1].all()
    figures = content["sets"][0]["figures"]
    assert figures["coverage"]["value"] == pytest.approx(sets[range(24), truth].mean())
    assert content["cross_fitted"] and "thresholds of rules and prediction sets are cross-fitted" in page.text


def test_studies_known_as_a_whole_alone(folder):
    rows, scores = write_split(folder / "predictions.csv", 1)
    expected = studies(read_evaluation(folder))["rules"]["max"]["auc"]["value"]
    of_study = {row["study"]: row["label"] for row in reversed(rows)}
    blind = [{**row, "label": UNKNOWN_LABEL, "study_label": of_study[row["study"]]} for row in rows]
    write_predictions(folder / "predictions.csv", Predictions.of_rows(blind, scores, "subtype"))
    assert read_predictions(folder / "predictions.csv").study_labels.shape == (96, 6)
    _, content = section_page("studies", folder)
    assert content["counts"]["unknown"] == 0
    assert content["rules"]["max"]["auc"]["value"] == pytest.approx(expected)


def test_patients_stand_in_for_studies_and_slices_for_patients(folder):
    rows, scores = write_split(folder / "predictions.csv", 1)
    unnamed = [{**row, "study": ""} if k < 48 else {**row, **NOBODY} for k, row in enumerate(rows)]
    write_predictions(folder / "predictions.csv", Predictions.of_rows(unnamed, scores, "subtype"))
    page, content = section_page("studies", folder)
    counts = content["counts"]
    assert (counts["named"], counts["of_patients"], counts["of_slices"]) == (0, 12, 48)
    assert "are one study: 12 of them" in page.text and "is one study: 48 of them" in page.text


def test_without_a_validation_no_rule_is_preferred(folder):
    (folder / "validation.csv").unlink()
    page, content = section_page("studies", folder)
    found = content
    assert found["preferred"] is None and found["sets"] == []
    assert all(each["own_threshold"] is None and each["at_own"] is None for each in found["rules"].values())
    assert "The rules cannot be compared on the validation split" in page.text


@pytest.mark.parametrize("kind", [{"bleeding": 0}, {"patients": 1}])
def test_one_kind_of_study(tmp_path, kind):
    page, content = section_page("studies", write_evaluation(tmp_path, **kind))
    assert all(each["auc"] is None for each in content["rules"].values())
    assert "There is no ROC curve by study" in page.text
    assert not (tmp_path / "figures" / "study_roc.png").exists()


def test_equal_scores(tmp_path):
    _, content = section_page("studies", write_evaluation(tmp_path, equal=True))
    assert {each["auc"]["value"] for each in content["rules"].values()} == {0.5}
    assert content["preferred"] == STUDY_RULE, "of equals the one in force stays"
