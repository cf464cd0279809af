import json
import re

import pytest

from bundle.datalist import find_problems
from tests.datalist.examples import BLEED, datalist, row


def test_a_full_row_and_empty_sections_are_valid():
    full = row(study="1.2", series="1.3", position=-3.5, age=61, sex="F", site="A", manufacturer="GE", slice=4)
    full |= {"mask": "masks/a.nii", "study_label": BLEED, "clinical": {"systolic_bp": 151, "history": "stroke"}}
    assert list(find_problems(datalist([full, row(slice=5, label=BLEED)]))) == []


def test_the_guides_datalist_of_labelled_heads_is_valid(root):
    (example,) = re.findall(r"```json\n(.*?)^```", (root / "docs" / "data.md").read_text(), re.MULTILINE | re.DOTALL)
    content = json.loads(example)
    assert list(find_problems(content)) == []
    for each in content["validation"]:
        assert each["label"] == ([0] * 6 if each["study_label"][-1] == 0 else [None] * 6)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"image": "/data/a.png"}, "relative to dataset_dir"),
        ({"image": "C:/a.png"}, "relative to dataset_dir"),
        ({"image": "a\\b.png"}, "relative to dataset_dir"),
        ({"image": "a/../../b.png"}, "relative to dataset_dir"),
        ({"image": ""}, "not empty"),
        ({"image": 3}, "'image' must be a text"),
        ({"patient": 7}, "'patient' must be a text"),
        ({"patient": None}, "lacks 'patient'"),
        ({"label": None}, "lacks 'label'"),
        ({"label": "000000"}, "list of 6 values"),
        ({"label": [0, 0, 0, 0, 0]}, "6 values"),
        ({"label": [0, 0, 0, 0, 2, 1]}, "subdural must be 1, 0 or null, got 2"),
        ({"label": [0, 0, 0, 0, 1, 0]}, "any is 0"),
        ({"age": "61"}, "'age' must be a finite number, got '61'"),
        ({"position": float("nan")}, "finite number"),
        ({"sex": 1}, "'sex' must be a text"),
        ({"mask": "/data/m.nii"}, "'mask' must be relative to dataset_dir"),
        ({"mask": ""}, "'mask' must be a text that is not empty"),
        ({"study_label": 1}, "'study_label' must be a list of 6 values, got 1"),
        ({"study_label": [0, 0, 0, 0, 1, 0]}, "any is 0"),
        ({"PatientName": "x"}, "unknown key 'PatientName'"),
        ({"clinical": {"birth_date": "x"}}, "'birth_date' is called like what identifies a person"),
    ],
)
def test_each_broken_value_is_named_with_its_row(broken, said):
    (problem,) = find_problems(datalist([row("first.png")], [row("ok.png"), {**row("b.png"), **broken}]))
    assert problem.startswith("validation row 2")
    assert said in problem


@pytest.mark.parametrize("index", [-1, True, "0", 1.5])
def test_a_slice_is_an_index(index):
    (problem,) = find_problems(datalist([row(slice=index)]))
    assert problem == f"training row 1 (a.png): 'slice' must be an index from 0 on, got {index!r}"


def test_a_row_that_is_no_object_is_named():
    (problem,) = find_problems(datalist([["a.png", 0]]))
    assert problem.startswith("training row 1: a row is an object")


def test_an_image_listed_twice_is_named_even_across_sections():
    (problem,) = find_problems(datalist([row("a.png")], [], [row("a.png")]))
    assert problem == "test row 1 (a.png): it repeats training row 1; remove one of them"


def test_slices_of_one_volume_are_no_repetition():
    assert list(find_problems(datalist([row("v.nii", slice=0), row("v.nii", slice=1)]))) == []


def test_a_section_names_slices_in_all_rows_or_in_none():
    (problem,) = find_problems(datalist([row("v.nii", slice=0), row("a.png")]))
    assert problem.startswith("training row 2 (a.png): it names no slice")


@pytest.mark.parametrize("content", [None, [], "text", 3])
def test_content_that_is_no_object_is_named(content):
    (problem,) = find_problems(content)
    assert "not an object" in problem


def test_missing_parts_of_the_file_are_each_named():
    problems = " | ".join(find_problems({"training": [], "Test": []}))
    for said in ("labels", "'name'", "'source'", "unknown key 'Test'", "under 'validation'", "under 'test'"):
        assert said in problems


@pytest.mark.parametrize("values", [{"0": "any"}, {"1": "bone"}, {1: "any"}, {"x": "any"}, ["any"]])
def test_mask_values_are_checked(values):
    assert list(find_problems({**datalist(), "mask_values": {"1": "brain", "2": "epidural", "255": "any"}})) == []
    (problem,) = find_problems({**datalist(), "mask_values": values})
    assert problem.startswith("its mask_values are")
