from dataclasses import replace

import numpy as np
import pytest

from bundle.gate import COLUMNS
from bundle.heads import HeadCalibration, Heads, head_peak
from bundle.labels import CLASSES
from bundle.predictions import Predictions, SliceSmoothing
from bundle.results import Collected
from bundle.results.records import (
    failed_records,
    left_out_records,
    lost_slices,
    most_suspicious,
    series_of,
    series_records,
    slice_records,
    unread_beside,
)
from tests.predictions.views import VIEW
from tests.results.examples import P_ANY, collected, rows

HEADS = Heads("binary", VIEW, HeadCalibration(1.0, 0.0, 0.3, 0.2, 20, 20), HeadCalibration(1.0, -1.0, 0.3, 0.2, 20, 20))


def records(uncertain=True, sigma=0.0, threshold=0.5, heads=HEADS):
    found = collected(uncertain)
    probabilities = SliceSmoothing(rows(), sigma)(found.probabilities, found.scored)
    predictions = Predictions.of_rows(rows(), probabilities, "binary", found.distances).restricted(found.scored)
    scored = [row for row, yes in zip(rows(), found.scored, strict=True) if yes]
    slices = slice_records(scored, predictions, found.uncertainty)
    return slices, series_records(slices, scored, "binary", 0.4, threshold, heads, found.uncertainty)


def test_the_columns_of_a_slice():
    slices, _ = records()
    assert slices[1] == {
        "image": "/scan/ct/1.dcm",
        "slice": "",
        "study": "1.2",
        "series": "1.2.3",
        "part": "",
        "sop": "1.2.3.1",
        "position": 4.0,
        "p_normal": 0.1,
        "p_hemorrhage": 0.9,
        "p_any": 0.9,
        "set_any": "hemorrhage",
        "set_classes": None,
        "feature_distance": 2.0,
        "refer": False,
        "refer_reason": "",
    }
    assert [each["image"][-5:] for each in slices] == ["0.dcm", "1.dcm", "a.png", "b.png"], "but the one that failed"
    assert [each["position"] for each in slices] == [0.0, 4.0, None, None]
    assert [each["refer_reason"] for each in slices] == ["", "", "not decisive", "unlike validation"]
    assert slices[2]["set_any"] == "none"


def test_the_columns_of_a_series():
    _, (ct, png) = records()
    peak = head_peak([[0.1], [0.9]], [0.0, 4.0])[0]
    assert ct == {
        "study": "1.2",
        "series": "1.2.3",
        "part": "",
        "slices": 2,
        "p_hemorrhage": round(peak, 6),
        "p_any": round(peak, 6),
        "peak_any": round(peak, 6),
        "threshold": 0.5,
        "hemorrhage": True,
        "action": "read first",
        "refer": True,
        "refer_reason": "a bleed is likely; its slices cover only 4 mm",
        "set_any": "hemorrhage",
        "feature_distance": 1.5,
        "slices_referred": 0,
        "most_suspicious_image": "/scan/ct/1.dcm",
        "most_suspicious_slice": "",
        "most_suspicious_sop": "1.2.3.1",
        **dict.fromkeys(COLUMNS, ""),
    }
    # Without positions there are no neighbours, and the calibration is that of such heads.
    odds = 0.4 / 0.6 * np.exp(-1)
    assert (png["p_any"], png["peak_any"]) == (round(odds / (1 + odds), 6), 0.4)
    assert (png["hemorrhage"], png["set_any"], png["feature_distance"]) == (False, "normal", 6.375)
    assert (png["action"], png["refer"], png["slices_referred"]) == ("read soon", True, 2)
    assert png["refer_reason"] == "unlike validation; 2 slices without positions are not a whole head"


def test_a_head_without_a_calibration_is_never_routine():
    _, (ct, png) = records(heads=None, threshold=None)
    assert ct["p_any"] == ct["peak_any"] and ct["set_any"] is None
    assert (png["p_any"], png["action"]) == (0.4, "read first"), "at the threshold of slices"
    assert "heads are not calibrated" in ct["refer_reason"] and "heads are not calibrated" in png["refer_reason"]


def test_a_whole_head_is_routine_where_nothing_was_found():
    head = [{**rows()[0], "image": f"{n}.dcm", "position": 5.0 * n} for n in range(30)]
    for p_any, action, reason in ((0.05, "routine", ""), (0.9, "read first", "a bleed is likely")):
        p = np.tile([1 - p_any, p_any], (30, 1))
        slices = slice_records(head, Predictions.of_rows(head, p, "binary", np.zeros(30)), collected().uncertainty)
        (series,) = series_records(slices, head, "binary", 0.5, None, HEADS, collected().uncertainty)
        assert (series["action"], series["refer"], series["refer_reason"]) == (action, bool(reason), reason)
        (lost,) = series_records(slices, head, "binary", 0.5, None, HEADS, collected().uncertainty, [head[0]])
        assert lost["action"] != "routine" and lost["refer_reason"].endswith("1 of its slices could not be scored")


def test_a_series_of_which_nothing_could_be_scored_has_a_line():
    (lost,) = series_records([], [], "binary", 0.5, None, HEADS, None, rows()[:3])
    assert (lost["series"], lost["slices"], lost["action"]) == ("1.2.3", 0, "read soon")
    assert lost["refer_reason"] == "none of its 3 slices could be scored"


def test_a_file_that_was_refused_is_missing_of_its_head_and_one_without_a_header_of_those_beside_it():
    head, other = ("1.2", "1.2.3", ""), ("1.2", "1.2.4", "")
    refused = [{"image": "3.dcm", "reason": "it is cut short", "lost_by": [head, other], "beside": []}]
    unread = [{"image": f"{n}.dcm", "reason": "it is empty", "lost_by": [], "beside": [head][n:]} for n in range(2)]
    left_out = [{"image": "4.dcm", "reason": "its name says SCOUT", "kind": "scout"}]
    assert unread_beside([*refused, *unread, *left_out]) == {head: "1 file beside it could not be read"}
    assert unread_beside(unread[:1] * 2) == {head: "2 files beside it could not be read"}
    lost = lost_slices(rows(), collected(), [*refused, *unread, *left_out])
    assert list(map(series_of, lost)) == [head, head, other], "and the slice that failed when its pixels were read"
    slices, _ = records()
    scored = [row for row, yes in zip(rows(), collected().scored, strict=True) if yes]
    series = {
        series_of(each): each
        for each in series_records(
            slices, scored, "binary", 0.4, None, HEADS, None, lost, {head: "1 file beside it could not be read"}
        )
    }
    assert series[head]["refer_reason"].endswith(
        "2 of its slices could not be scored; 1 file beside it could not be read"
    )
    assert (series[other]["slices"], series[other]["refer_reason"]) == (0, "its slice could not be scored")


@pytest.mark.parametrize(("threshold", "called"), [(0.4, [True, True]), (0.41, [True, False]), (1, [False, False])])
def test_the_threshold_calls_a_series(threshold, called):
    heads = Heads(
        "binary", 0.0, HeadCalibration(9.0, 20.0, 0.3, 0.2, 20, 20), HeadCalibration(1.0, 0.0, 0.3, 0.2, 20, 20)
    )
    found = {each["series"]: each for each in records(threshold=threshold, heads=heads)[1]}
    assert [found[name]["hemorrhage"] for name in ("1.2.3", "png")] == called


def test_without_an_uncertainty_file_its_columns_are_empty():
    (slices, series), (known_slices, known_series) = records(uncertain=False), records()
    for found, known in ((slices, known_slices), (series, known_series)):
        assert [list(each) for each in found] == [list(each) for each in known], "the same columns"
    for each in (*slices, *series):
        assert each["feature_distance"] is None
    assert {each[name] for each in slices for name in ("set_any", "set_classes", "refer", "refer_reason")} == {None}
    assert all("likeness to validation was not measured" in each["refer_reason"] for each in series)
    assert [each["p_any"] for each in slices] == [each["p_any"] for each in known_slices]


def test_an_uncertainty_without_distances_is_refused():
    found = collected()
    predictions = Predictions.of_rows(rows(), found.probabilities, "binary")
    with pytest.raises(ValueError, match="have no distances"):
        slice_records(rows(), predictions, found.uncertainty)


def test_neighbours_smooth_but_neither_failed_slices_nor_those_without_a_position():
    weight = np.exp(-0.5)
    first = (P_ANY[0] + weight * P_ANY[1]) / (1 + weight)
    slices, (ct, png) = records(sigma=4.0)
    assert [each["p_any"] for each in slices[:2]] == [round(first, 6), round(P_ANY[0] + P_ANY[1] - first, 6)]
    assert [each["p_any"] for each in slices[2:]] == [0.4, 0.2]
    assert ct["peak_any"] == round(head_peak([[each["p_any"]] for each in slices[:2]], [0.0, 4.0])[0], 6)
    assert png["peak_any"] == 0.4


@pytest.mark.parametrize("task", CLASSES)
def test_a_slice_has_each_class_and_any_and_a_series_each_but_normal(task):
    size = len(CLASSES[task])
    probabilities = np.random.default_rng(0).dirichlet(np.ones(size), 5)
    slices = slice_records(rows(), Predictions.of_rows(rows(), probabilities, task))
    found = series_records(slices, rows(), task, 0.5)
    series = next(each for each in found if each["series"] == "1.2.3")
    names = [f"p_{name}" for name in dict.fromkeys((*CLASSES[task], "any"))]
    assert [name for name in slices[0] if name.startswith("p_")] == names
    assert [name for name in series if name.startswith("p_")] == [name for name in names if name != "p_normal"]
    for name in series:
        if name.startswith("p_"):
            peak = head_peak([[each[name]] for each in slices[:3]], [0.0, 4.0, 8.0])[0]
            assert series[name] == pytest.approx(peak, abs=2e-6)


def test_no_slice_gives_no_record():
    nothing = Predictions.of_rows([], np.zeros((0, 6)), "subtype")
    assert slice_records([], nothing) == [] and series_records([], [], "subtype", 0.5) == []


def test_what_failed_is_named_with_its_reason():
    assert failed_records(rows(), collected()) == [{"image": "/scan/ct/2.dcm", "reason": "it is cut short"}]


def test_the_most_suspicious_of_each_series_come_first():
    slices, _ = records()
    assert most_suspicious(slices, 1) == [1, 2]
    assert most_suspicious(slices, 2) == [1, 0, 2, 3]


CAUTION = {
    "modality": "MR",
    "kind": "MR",
    "outcome": "scored with a caution",
    "reason": "the weights have never seen MR",
}


@pytest.mark.parametrize("uncertain", [False, True])
def test_what_is_scored_with_a_caution_is_always_referred(uncertain):
    found = collected(uncertain)
    judged = [{**row, **CAUTION} if row["series"] == "1.2.3" else row for row in rows()]
    predictions = Predictions.of_rows(judged, found.probabilities, "binary", found.distances)
    slices = slice_records(judged, predictions, found.uncertainty)
    ct, png = series_records(slices, judged, "binary", 0.5, 0.5, HEADS, found.uncertainty)
    assert (ct["action"], ct["refer"], ct["reason"]) == ("read soon", True, CAUTION["reason"])
    assert ct["refer_reason"].startswith("MR: the network was not trained on it")
    assert all(each["refer"] and each["refer_reason"].startswith("MR") for each in slices[:3])
    assert "MR" not in png["refer_reason"]


def test_parts_of_one_series_are_series_of_their_own():
    judged = [{**row, "part": f"patient {1 + index % 2}"} for index, row in enumerate(rows())]
    slices = slice_records(judged, Predictions.of_rows(judged, collected().probabilities, "binary"))
    series = series_records(slices, judged, "binary", 0.5)
    assert {(each["series"], each["part"], each["slices"]) for each in series} == {
        ("1.2.3", "patient 1", 2), ("1.2.3", "patient 2", 1), ("png", "patient 2", 1), ("png", "patient 1", 1),
    }  # fmt: skip
    groups = SliceSmoothing(judged, 4.0).groups
    assert [group.tolist() for group in groups] == [[0, 2], [1]], "and their slices no neighbours"


def test_slices_that_are_left_out_are_missing_within_a_head_and_padding_beyond_it():
    head = [{**rows()[0], "image": f"{n}.dcm", "position": 5.0 * n} for n in range(7)]
    empty = [True, False, True, True, False, False, True]
    found = Collected(
        np.zeros((7, 2)), ["all of it is 0" * each for each in empty], kinds=["empty" * each for each in empty]
    )
    assert [row["image"] for row in lost_slices(head, found, [])] == ["2.dcm", "3.dcm"]


def test_an_empty_series_has_a_line_even_beside_another_of_its_study():
    black = [{**rows()[0], "series": "black"} for _ in range(3)]
    found = Collected(np.zeros((4, 2)), [*["all of it is 0"] * 3, ""], kinds=[*["empty"] * 3, ""])
    assert lost_slices([*black, rows()[0]], found, []) == black
    (series,) = series_records([], [], "binary", 0.5, failed=black)
    assert (series["action"], series["refer_reason"]) == ("read soon", "none of its 3 slices could be scored")


@pytest.mark.parametrize(
    ("empty", "step", "kind", "missing"),
    [
        *[(2, 5.0, "empty", 0), (3, 5.0, "empty", 3), (3, None, "empty", 3)],
        *[(8, 1.25, "empty", 0), (9, 1.25, "empty", 9), (1, 5.0, "unknown unit", 1)],
    ],
)
@pytest.mark.parametrize("end", ["base", "vertex"])
def test_many_empty_slices_at_an_end_and_each_of_an_unknown_unit_are_missing(empty, step, kind, missing, end):
    head = [{**rows()[0], "image": f"{n}.dcm", "position": step and step * n} for n in range(20)]
    kinds = [kind] * empty + [""] * (20 - empty)
    if end == "vertex":
        kinds.reverse()
    found = Collected(np.zeros((20, 2)), [f"it is {kind}" if kind else "" for kind in kinds], kinds=kinds)
    assert len(lost_slices(head, found, [])) == missing


def test_slices_that_are_left_out_are_listed_by_series_and_reason_and_have_not_failed():
    found = replace(
        collected(reasons=("all of it is 0", "", "it is cut short", "", "all of it is 0")),
        kinds=("empty", "", "", "", "empty"),
    )
    assert failed_records(rows(), found) == [{"image": "/scan/ct/2.dcm", "reason": "it is cut short"}]
    first, second = left_out_records(rows(), found)
    assert (first["image"], first["slices"], first["kind"], first["outcome"], first["reason"]) == (
        "/scan/ct/0.dcm", 1, "empty", "left out", "all of it is 0",
    )  # fmt: skip
    assert second["series"] == "png"
