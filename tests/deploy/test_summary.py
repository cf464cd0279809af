import math
from dataclasses import replace

from bundle.deploy.records import Records
from bundle.deploy.summary import summarize
from tests.deploy.examples import LIMITS, UNCERTAINTY, collected

SERIES = {
    "p_any": 0.1234,
    "slices": 3,
    "part": "",
    "most_suspicious_image": "ct/1.dcm",
    "most_suspicious_slice": "",
    "refer": False,
    "refer_reason": "",
}
VOLUME = {**SERIES, "slices": 40, "most_suspicious_image": "head.nii", "most_suspicious_slice": 7}
REFERRED = {**VOLUME, "refer": True, "refer_reason": "not decisive"}
FAILED = [{"image": f"{n}.png", "reason": "it is empty"} for n in range(12)]


def test_a_line_a_series():
    text = summarize(Records([{}] * 43, [SERIES, REFERRED], FAILED[:1]), collected(), "out")
    assert text.splitlines() == [
        "P(any) 0.123     3 slices  most suspicious: ct/1.dcm",
        "P(any) 0.123    40 slices  most suspicious: head.nii slice 7  refer to a radiologist: not decisive",
        "43 slices of 2 series scored, 1 files failed: out",
        "  failed: 0.png: it is empty",
    ]


def test_what_was_left_out_is_named_with_its_kind_and_parts_of_a_series_by_what_sets_them_apart():
    scout = {"image": "scout.dcm", "slices": 2, "kind": "scout", "reason": "its ImageType says LOCALIZER"}
    text = summarize(Records([{}] * 3, [{**SERIES, "part": "patient 2"}], [], [scout]), collected(), "out")
    assert text.splitlines() == [
        "P(any) 0.123     3 slices  most suspicious: ct/1.dcm (patient 2)",
        "3 slices of 1 series scored, 1 left out, 0 files failed: out",
        "  left out: scout.dcm (2 slices): scout: its ImageType says LOCALIZER",
    ]


def test_only_the_first_of_many_are_shown():
    lines = summarize(Records([{}] * 23, [SERIES] * 23, FAILED), collected(), "out").splitlines()
    assert lines[20:22] == ["… and 3 more series", "23 slices of 23 series scored, 12 files failed: out"]
    assert lines[22:] == [f"  failed: {n}.png: it is empty" for n in range(10)]


def test_what_is_missing_of_the_uncertainty_is_said():
    nothing = Records([], [], [])
    (_, why) = summarize(nothing, collected(uncertain=False), "out").splitlines()
    assert why == "no prediction sets and no referral: there is no model.uncertainty.npz"
    few = replace(UNCERTAINTY, limits=(LIMITS._replace(study_normal=math.inf, study_hemorrhage=math.inf),))
    (_, why) = summarize(nothing, replace(collected(), uncertainty=few), "out").splitlines()
    assert "too few studies to decide on a series, so every series is referred" in why
    assert len(summarize(nothing, collected(), "out").splitlines()) == 1
