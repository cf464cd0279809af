from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.results.overlays import overlay_names


def record(image, slice_=""):
    return {"image": image, "slice": slice_}


def test_a_name_says_where_the_slice_is():
    assert overlay_names([record("a/1.dcm"), record("b.nii.gz", 7)]) == ["a_1.dcm.png", "b.nii.gz_7.png"]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.text("a/_ä1", min_size=1, max_size=150), unique=True, max_size=6))
def test_names_are_all_different_and_short_enough(images):
    names = overlay_names([record(image) for image in images])
    assert len(set(names)) == len(images)
    assert all(len(name.encode()) < 255 and "/" not in name for name in names)


def test_names_that_differ_by_a_slash_alone_are_told_apart():
    names = overlay_names([record("a/b.dcm"), record("a_b.dcm")])
    assert len(set(names)) == 2 and all(name.startswith("a_b.dcm_") for name in names)
