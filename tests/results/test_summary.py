from bundle.results.records import Records
from bundle.results.summary import summarize

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
    "series": "lost",
    "study": "1.3",
    "part": "",
    "slices": 0,
    "action": "read soon",
    "refer": True,
    "refer_reason": "none",
}
FAILED = [{"image": f"{n}.png", "reason": "it is empty"} for n in range(12)]


def test_the_verdict_of_each_head():
    bleed = {
        **REFERRED,
        "action": "read first",
        "hemorrhage": True,
        "refer_reason": "a bleed is likely",
        "p_subdural": 0.9,
    }
    bleed |= {"most_suspicious_image": "bleed.nii", "where_side": "left", "where_from_slice": 4, "where_to_slice": 7}
    text = summarize(Records([{}] * 83, [bleed, REFERRED, LOST, SERIES], FAILED[:1]), [], "out")
    assert text.splitlines() == [
        "read first   P(any) 0.123  bleed.nii, 40 slices",
        "             a bleed is likely",
        "             subdural 0.90",
        "             on the patient's left, slices 4 to 7",
        "             most suspicious: bleed.nii slice 8",
        "read soon    P(any) 0.123  head.nii, 40 slices",
        "             undecided",
        "             most suspicious: head.nii slice 8",
        "read soon    lost, 0 slices",
        "             none",
        "routine      P(any) 0.123  ct, 3 slices",
        "             most suspicious: ct/1.dcm",
        "83 slices of 3 series scored, 1 files failed: out",
        "1 read first, 2 read soon, 1 routine",
        "  failed: 0.png: it is empty",
    ]


def test_what_was_left_out_is_named_with_its_kind_and_parts_of_a_series_by_what_sets_them_apart():
    scout = {"image": "scout.dcm", "slices": 2, "kind": "scout", "reason": "its ImageType says LOCALIZER"}
    text = summarize(Records([{}] * 3, [{**SERIES, "part": "patient 2"}], [], [scout]), [], "out")
    assert text.splitlines() == [
        "routine      P(any) 0.123  ct (patient 2), 3 slices",
        "             most suspicious: ct/1.dcm",
        "3 slices of 1 series scored, 1 left out, 0 files failed: out",
        "1 routine",
        "  left out: scout.dcm (2 slices): scout: its ImageType says LOCALIZER",
    ]


def test_heads_in_one_folder_are_told_apart():
    heads = [{**SERIES, "series": f"1.2.3.4.5.{number}"} for number in (111111, 222222)]
    lines = summarize(Records([{}] * 6, heads, []), [], "out").splitlines()
    assert [line.partition("  ct, ")[2] for line in lines[:4:2]] == [
        "series …111111, 3 slices", "series …222222, 3 slices"
    ]  # fmt: skip


def test_only_the_first_of_many_are_shown():
    lines = summarize(Records([{}] * 23, [SERIES] * 23, FAILED), [], "out").splitlines()
    assert lines[40:42] == ["… and 3 more series", "23 slices of 23 series scored, 12 files failed: out"]
    assert lines[42] == "23 routine" and lines[43:] == [f"  failed: {n}.png: it is empty" for n in range(10)]


def test_what_is_missing_beside_the_checkpoint_is_said():
    nothing = Records([], [], [])
    lines = summarize(nothing, ["there is no model.uncertainty.npz"], "out").splitlines()
    assert lines[1:] == ["no head is routine: there is no model.uncertainty.npz"]
