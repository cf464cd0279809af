"""Evaluations that cannot tell much each give a report, and it says so."""

import csv
import json

import numpy as np
import pytest

from bundle.datalist.storage import write_datalist
from bundle.errors import InputError
from bundle.labels import CLASSES
from bundle.predictions import Predictions, write_history, write_predictions
from bundle.report import write_report
from scripts.report import main
from tests.datalist.examples import datalist, row
from tests.report.test_report_page import Page

SUBDURAL, EPIDURAL, NORMAL = [0, 0, 0, 0, 1, 1], [1, 0, 0, 0, 0, 1], [0] * 6


def written(path, labels, patients=None, scores=None, task="subtype"):
    """Write a table of slices with these labels, of 20 patients unless told."""
    rows = [
        {"image": f"/elsewhere/{k}.png", "patient": f"P{k % 20}" if patients is None else patients[k], "label": label}
        for k, label in enumerate(labels)
    ]
    if scores is None:
        scores = np.random.default_rng(len(path.name)).random((len(rows), len(CLASSES[task])))
        scores /= scores.sum(1, keepdims=True)
    write_predictions(path, Predictions.of_rows(rows, scores, task))


def report(folder, **options):
    page = Page(write_report(folder, **options).read_text())
    return page.text, json.loads((folder / "report.json").read_text())


MIXED = [NORMAL, SUBDURAL, NORMAL, EPIDURAL] * 20


@pytest.mark.parametrize(
    ("label", "said"),
    [(NORMAL, "No slice of this split is positive"), (SUBDURAL, "Every slice of this split is positive")],
)
def test_one_class(tmp_path, label, said):
    written(tmp_path / "predictions.csv", [label] * 60)
    written(tmp_path / "validation.csv", [label] * 40)
    text, found = report(tmp_path)
    assert said in text
    assert found["metrics"]["auc_any"] is found["intervals"]["metrics"]["auc_any"] is None
    assert found["metrics"]["accuracy"] is not None and found["calibration"]["temperature"] is not None
    thresholds = {point["wanted"]: point["threshold"] for point in found["operating_points"]["points"]}
    assert (thresholds["sensitivity"] is None) == (label is NORMAL)
    assert (thresholds["specificity"] is None) == (label is SUBDURAL)
    assert (
        f"no {'positive' if label is NORMAL else 'normal'} slice in the validation split, so no threshold was chosen"
        in text
    )


def test_one_patient(tmp_path):
    written(tmp_path / "predictions.csv", MIXED, ["P1"] * 80)
    written(tmp_path / "validation.csv", MIXED)
    text, found = report(tmp_path)
    assert "All slices are of one patient: no interval can be given" in text
    assert found["patients"] == found["intervals"]["clusters"] == 1
    assert set(found["intervals"]["metrics"].values()) == {None}
    assert "Patients of this split that are also in the validation split: 1." in text


def test_unnamed_patients_are_no_one_patient(tmp_path):
    written(tmp_path / "predictions.csv", MIXED, ["P1", ""] * 40)
    text, found = report(tmp_path)
    assert "40 of 80 slices have no patient" in text
    assert found["patients"] is None and found["intervals"]["clusters"] == 41


def test_a_subtype_never_seen(tmp_path):
    written(tmp_path / "predictions.csv", MIXED)
    text, found = report(tmp_path)
    assert "No slice of this split shows intraparenchymal, intraventricular or subarachnoid" in text
    assert found["metrics"]["recall_subarachnoid"] is None
    low, high = found["intervals"]["metrics"]["auc_macro"]
    assert low < found["metrics"]["auc_macro"] < high, "the mean is over the two that are there"


@pytest.mark.parametrize("task", CLASSES)
def test_all_scores_equal(tmp_path, task):
    equal = np.full((80, len(CLASSES[task])), 1 / len(CLASSES[task]))
    written(tmp_path / "predictions.csv", MIXED, scores=equal, task=task)
    written(tmp_path / "validation.csv", MIXED, scores=equal, task=task)
    text, found = report(tmp_path)
    assert "gives the same probabilities for every slice: it does not discriminate" in text
    assert found["metrics"]["auc_any"] == 0.5 and found["intervals"]["metrics"]["auc_any"] is None
    figures = [point["figures"] for point in found["operating_points"]["points"]]
    assert [(each["sensitivity"]["value"], each["specificity"]["value"]) for each in figures] == [(1, 0)] * 2 + [(0, 1)]


def test_equal_scores_of_any_alone(tmp_path):
    scores = np.random.default_rng(0).random((80, 6)) / 2
    scores[:, 5] = 0.7
    written(tmp_path / "predictions.csv", MIXED, scores=scores, task="multilabel")
    assert "same P(any) for every slice: it does not detect hemorrhages" in report(tmp_path)[0]


def test_a_file_or_nothing_in_place_of_the_folder(tmp_path):
    (tmp_path / "report.html").touch()
    for name in ("report.html", "nowhere"):
        with pytest.raises(InputError, match=rf"{name} is no folder; evaluate first, or name the folder that holds a"):
            main(str(tmp_path / name))
    with pytest.raises(InputError, match=r"predictions\.csv does not exist; evaluate first"):
        main(str(tmp_path))


def test_lines_without_probabilities_are_left_out_and_told(tmp_path):
    path = tmp_path / "predictions.csv"
    written(path, MIXED)
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    for number in (3, 5):
        rows[number] = [
            "" if name.startswith("p_") else field for name, field in zip(header, rows[number], strict=True)
        ]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    text, found = report(tmp_path)
    assert "Lines of predictions.csv without probabilities: 2, the first is line 5." in text
    assert found["slices"] == 78 and 5 not in [each["line"] for each in found["most_confident_mistakes"]]


def test_slices_that_the_included_weights_were_trained_on_are_told(tmp_path):
    written(tmp_path / "predictions.csv", MIXED)
    test = [row(f"{k}.png", MIXED[k], f"P{k % 20}", **({"seen": True} if k < 3 else {})) for k in range(80)]
    write_datalist(tmp_path / "d.json", datalist(test=test))
    told = "Slices of this split that the included weights were trained on: 3."
    text, found = report(tmp_path, datalist=tmp_path / "d.json")
    assert told in text and found["split"]["seen"] == 3
    assert told in report(tmp_path)[0], "a rebuilt report still knows"
    looked_for = {"provenance": {"seen": {"slices": 0, "place": "training"}}}
    for provenance, seen in (({}, None), (looked_for, 0)):
        unmarked = datalist(test=[{**each, "seen": False} for each in test])
        write_datalist(tmp_path / "d.json", unmarked | provenance)
        text, found = report(tmp_path, datalist=tmp_path / "d.json")
        assert "were trained on" not in text and found["split"]["seen"] == seen


def test_slices_of_patients_of_the_training_are_told(tmp_path):
    written(tmp_path / "predictions.csv", MIXED)
    test = [row(f"{k}.png", MIXED[k], f"P{k % 20}") for k in range(80)]
    write_datalist(tmp_path / "d.json", datalist(test=test))
    told = "or of patients of its training: "
    for training, count in (("T", 0), ("P3", 4)):
        text, found = report(tmp_path, datalist=tmp_path / "d.json", trained_on=[row("t.png", NORMAL, training)])
        assert found["split"]["trained"] == count
        assert (told in text) == (count > 0)
    assert f"{told}4." in report(tmp_path)[0], "a rebuilt report still knows"
    assert f"{told}4." in report(tmp_path, datalist=tmp_path / "d.json")[0], "and so does one with the datalist"
    written(tmp_path / "predictions.csv", MIXED[::-1])
    text, found = report(tmp_path, datalist=tmp_path / "d.json")
    assert told not in text and found["split"]["trained"] is None


def test_what_is_of_other_predictions_is_not_told_again(tmp_path):
    written(tmp_path / "predictions.csv", MIXED)
    write_history(tmp_path / "course.csv", {"epoch": np.array([1.0]), "val_loss": np.array([0.5])})
    _, found = report(tmp_path, history=tmp_path / "course.csv", threshold=0.9)
    assert found["threshold"] == 0.9 and (tmp_path / "history.csv").is_file()
    assert report(tmp_path)[1]["threshold"] == 0.9
    written(tmp_path / "predictions.csv", MIXED[::-1])
    assert report(tmp_path)[1]["threshold"] == 0.5
    assert not (tmp_path / "history.csv").exists()


def test_slices_of_the_split_without_a_line_are_told(tmp_path):
    written(tmp_path / "predictions.csv", MIXED[:78])
    test = [row(f"{k}.png", MIXED[k], f"P{k % 20}") for k in range(80)]
    write_datalist(tmp_path / "d.json", datalist(training=[row("t.png", NORMAL, "T")], test=test))
    text, found = report(tmp_path, datalist=tmp_path / "d.json")
    assert "Slices of the split without a line in predictions.csv: 2." in text
    assert found["split"]["missing"] == 2
    assert found["split"]["counts"]["test"]["slices"] == 80 and found["split"]["counts"]["training"]["patients"] == 1
    assert "Slices of the split without a line in predictions.csv: 2." in report(tmp_path)[0], (
        "a rebuilt report still knows"
    )
    with pytest.raises(InputError, match=r"has no slice in the section training .*; name the datalist and section"):
        write_report(tmp_path, datalist=tmp_path / "d.json", section="training")


def test_no_known_label(tmp_path):
    written(tmp_path / "predictions.csv", [[None] * 6] * 30)
    written(tmp_path / "validation.csv", [[None] * 6] * 30)
    text, found = report(tmp_path)
    assert "No slice of this split has a known label" in text
    assert "There is no slice with a known label, so the calibration cannot be assessed." in text
    assert found["calibration"]["temperature"] is None and found["calibration"]["before"]["labels"] == {}


def test_no_validation_and_one_of_another_task(tmp_path):
    written(tmp_path / "predictions.csv", MIXED)
    text, found = report(tmp_path)
    assert "There are no predictions of a validation split" in text and "No threshold was chosen" in text
    assert found["operating_points"] == {"points": [], "cross_fitted": False}
    written(tmp_path / "validation.csv", MIXED, task="binary")
    with pytest.raises(
        InputError, match=r"validation\.csv is of the task binary, predictions\.csv beside it of subtype"
    ):
        write_report(tmp_path)


def test_a_wish_that_is_no_share_is_named(tmp_path):
    written(tmp_path / "predictions.csv", MIXED)
    for wish in (95, "much", (0.9, 0)):
        with pytest.raises(InputError, match="sensitivities must be shares above 0 and at most 1"):
            main(str(tmp_path), sensitivities=wish)


def test_lines_of_another_section_or_none_and_other_labels_are_told(tmp_path):
    written(tmp_path / "predictions.csv", MIXED)
    rows = [row(f"{k}.png", MIXED[k], f"P{k % 20}") for k in range(80)]
    rows[4]["label"], rows[5]["label"] = EPIDURAL, [None] * 5 + [1]
    train = [each for each in rows if each["patient"] == "P0"]
    test = [each for each in rows if each["patient"] not in ("P0", "P1")]
    write_datalist(tmp_path / "d.json", datalist(training=train, test=test))
    for options in ({"datalist": tmp_path / "d.json"}, {}):
        text, found = report(tmp_path, **options)
        split = found["split"]
        assert [split[name] for name in ("missing", "elsewhere", "unlisted", "relabelled")] == [0, 4, 4, 1]
        assert "with a slice of another section of the datalist: 4." in text
        assert "with a slice that is not in the datalist: 4." in text
        assert "with a label that contradicts that of the datalist: 1." in text


def test_a_replaced_table_is_not_told_to_be_of_the_earlier_network(tmp_path):
    written(tmp_path / "predictions.csv", MIXED)
    write_datalist(tmp_path / "d.json", datalist(test=[row(f"{k}.png", MIXED[k], f"P{k % 20}") for k in range(80)]))
    run = {"evaluation": {"device": "cpu", "processes": 1, "seconds": 1.0}, "training": None}
    report(tmp_path, dataset="ours", configuration={"network": "Old"}, run=run, datalist=tmp_path / "d.json")
    _, found = report(tmp_path)
    assert (found["configuration"], found["run"], found["split"]["name"]) == ({"network": "Old"}, run, "example")
    written(tmp_path / "predictions.csv", MIXED[:60])
    _, found = report(tmp_path)
    assert (found["configuration"], found["split"]) == ({}, None)
    assert found["run"] == {"evaluation": None, "training": None} and found["dataset"] == "ours"
