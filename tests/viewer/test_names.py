import pytest

from bundle.viewer import head_names

STUDY = "1.2.826.0.1.3680043.8.498.1"


def one(series="1", part="", image="a/ct/7.dcm", place="", slices=30, study="1"):
    return {
        "study": f"{STUDY}{study:0>6}", "series": f"{STUDY}.{series:0>6}", "part": part, "slices": slices,
        "most_suspicious_image": image, "most_suspicious_slice": place,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (one(), "a/ct"),
        (one(slices=1), "a/ct/7.dcm"),
        (one(image="b.nii.gz", place=7), "b.nii.gz"),
        (one(image="7.dcm"), "series …000001"),
        (one(image=f"{STUDY}/7.dcm"), "….498.1"),
        (one(image="", slices=0), "…000001"),
        (one(part="patient 2"), "a/ct (patient 2)"),
        ({}, ""),
    ],
)
def test_a_head_is_named_by_where_it_lies(record, name):
    assert head_names([record]) == [name]


def test_heads_in_one_folder_are_told_apart():
    heads = [one("1"), one("2"), one("3", "patient 1"), one("3", "patient 2"), one(image="b/ct/7.dcm")]
    assert head_names(heads) == [
        "a/ct, series …000001", "a/ct, series …000002", "a/ct (patient 1)", "a/ct (patient 2)", "b/ct",
    ]  # fmt: skip


def test_one_series_in_two_studies_is_told_apart_by_the_study():
    assert head_names([one(study="1"), one(study="2")]) == [
        "a/ct, series …000001, study …000001", "a/ct, series …000001, study …000002",
    ]  # fmt: skip


def test_heads_of_which_nothing_tells_them_apart_are_numbered():
    assert head_names([one(), one(), one()])[1:] == [f"{head_names([one(), one()])[0]} [{n}]" for n in (2, 3)]
