from bundle.deploy.records import Records
from bundle.deploy.summary import summarize

SERIES = {
    "p_any": 0.1234,
    "slices": 3,
    "series": "1.2.3",
    "study": "1.2",
    "part": "",
    "action": "routine",
    "most_suspicious_image": "ct/1.dcm",
    "most_suspicious_slice": "",
    "refer": False,
    "refer_reason": "",
}
VOLUME = {**SERIES, "slices": 40, "most_suspicious_image": "head.nii", "most_suspicious_slice": 7}
REFERRED = {**VOLUME, "action": "read soon", "refer": True, "refer_reason": "undecided"}
LOST = {
    "series": "",
    "study": "1.3",
    "part": "",
    "slices": 0,
    "action": "read soon",
    "refer": True,
    "refer_reason": "none",
}
FAILED = [{"image": f"{n}.png", "reason": "it is empty"} for n in range(12)]


def test_a_line_a_series():
    text = summarize(Records([{}] * 43, [REFERRED, LOST, SERIES], FAILED[:1]), [], "out")
    assert text.splitlines() == [
        "read soon   P(any) 0.123    40 slices  most suspicious: head.nii slice 7  undecided",
        "read soon   1.3  none",
        "routine     P(any) 0.123     3 slices  most suspicious: ct/1.dcm",
        "43 slices of 2 series scored, 1 files failed: out",
        "2 read soon, 1 routine",
        "  failed: 0.png: it is empty",
    ]


def test_what_was_left_out_is_named_with_its_kind_and_parts_of_a_series_by_what_sets_them_apart():
    scout = {"image": "scout.dcm", "slices": 2, "kind": "scout", "reason": "its ImageType says LOCALIZER"}
    text = summarize(Records([{}] * 3, [{**SERIES, "part": "patient 2"}], [], [scout]), [], "out")
    assert text.splitlines() == [
        "routine     P(any) 0.123     3 slices  most suspicious: ct/1.dcm (patient 2)",
        "3 slices of 1 series scored, 1 left out, 0 files failed: out",
        "1 routine",
        "  left out: scout.dcm (2 slices): scout: its ImageType says LOCALIZER",
    ]


def test_only_the_first_of_many_are_shown():
    lines = summarize(Records([{}] * 23, [SERIES] * 23, FAILED), [], "out").splitlines()
    assert lines[20:22] == ["… and 3 more series", "23 slices of 23 series scored, 12 files failed: out"]
    assert lines[22] == "23 routine" and lines[23:] == [f"  failed: {n}.png: it is empty" for n in range(10)]


def test_what_is_missing_beside_the_checkpoint_is_said():
    nothing = Records([], [], [])
    lines = summarize(nothing, ["there is no model.uncertainty.npz", ""], "out").splitlines()
    assert lines[1:] == ["no head is routine: there is no model.uncertainty.npz"]
