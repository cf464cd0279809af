import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bundle.errors import InputError
from bundle.labels import CLASSES, LABELS, UNKNOWN
from bundle.predictions import Predictions, read_predictions, write_predictions

BINARY_HEADER = ",".join(["image", "patient", "p_normal", "p_hemorrhage", *(f"label_{name}" for name in LABELS)])


def write_binary(path, *lines, header=BINARY_HEADER):
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    st.sampled_from(list(CLASSES)),
    hnp.arrays(np.float32, (4, 6), elements=st.floats(2**-10, 1, width=32)),
    st.lists(st.sampled_from([[0] * 6, [1, 0, 0, 1, 0, 1], [None] * 5 + [1], [None] * 6]), min_size=4, max_size=4),
)
def test_what_is_written_is_read_back(tmp_path_factory, task, raw, labels):
    scores = raw[:, : len(CLASSES[task])]
    if task != "multilabel":
        scores = scores / scores.sum(axis=1, keepdims=True)
    path = tmp_path_factory.mktemp("evaluation") / "predictions.csv"
    rows = [{"image": f"a,{k}.dcm", "patient": f"P{k}", "slice": k, "label": label} for k, label in enumerate(labels)]
    write_predictions(path, Predictions.of_rows(rows, scores, task))
    found = read_predictions(path)
    assert (found.task, found.patients, found.lines) == (task, ("P0", "P1", "P2", "P3"), (2, 3, 4, 5))
    np.testing.assert_array_equal(found.probabilities.astype(np.float32), scores)
    np.testing.assert_array_equal(found.labels, [[UNKNOWN if v is None else v for v in label] for label in labels])


def test_columns_and_order(tmp_path):
    path = tmp_path / "predictions.csv"
    row = {
        "image": "1.dcm",
        "patient": "P",
        "study": "1.2",
        "series": "1.3",
        "position": -3.5,
        "age": math.nan,
        "sex": "F",
        "label": [None] * 5 + [1],
    }
    write_predictions(path, Predictions.of_rows([row], np.array([[0.25, 0.75]]), "binary"))
    with path.open(newline="") as file:
        (found,) = csv.DictReader(file)
    row_columns = ["image", "slice", "patient", "study", "series", "position", "age", "sex", "site", "manufacturer"]
    assert list(found)[:12] == [*row_columns, "p_normal", "p_hemorrhage"]
    assert list(found)[12:] == [f"label_{name}" for name in LABELS]
    told = ["1.dcm", "", "P", "1.2", "1.3", "-3.5", "", "F", "", ""]
    assert list(found.values()) == [*told, "0.25", "0.75", *[""] * 5, "1"]
    assert read_predictions(path).details == {name: (each,) for name, each in zip(row_columns, told, strict=True)}


def test_a_table_from_elsewhere(tmp_path):
    header = ",".join(["\ufeffnote", *(f"label_{name}" for name in reversed(LABELS)), "p_hemorrhage", "p_normal"])
    path = write_binary(tmp_path / "p.csv", "good,1.0,1,0,0,0,0,0.75,0.25", "", "bad,0,0,0,0,0,0,0,1", header=header)
    found = read_predictions(path)
    np.testing.assert_array_equal(found.probabilities, [[0.25, 0.75], [1, 0]])
    np.testing.assert_array_equal(found.labels, [[0, 0, 0, 0, 1, 1], [0] * 6])
    assert (found.patients, found.lines) == (("", ""), (2, 4))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a,P,0.5,0.5,0,0,0,0,0", "line 3 has 9 fields instead of 10; complete"),
        ("a,P,0.5,0.5,0,0,0,0,0,0,0", "line 3 has 11 fields instead of 10"),
        ("a,P,0.5,,0,0,0,0,0,0", "line 3: p_hemorrhage is ''; give a probability"),
        ("a,P,0.5,nan,0,0,0,0,0,0", "line 3: p_hemorrhage is 'nan'"),
        ("a,P,-1,2,0,0,0,0,0,0", "line 3: p_normal is '-1'"),
        ("a,P,0.9,0.9,0,0,0,0,0,0", "line 3: the probabilities sum to 1.800; give those after the softmax"),
        ("a,P,0.5,0.5,0,0,0,0,yes,1", "line 3: label_subdural is 'yes'; give 1, 0 or nothing"),
        ("a,P,0.5,0.5,0,0,0,0,1,0", "line 3: the label any is 0, but the subtypes say 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, message):
    path = write_binary(tmp_path / "predictions.csv", "b,P,0.5,0.5,0,0,0,0,0,0", line)
    with pytest.raises(InputError, match=message) as error:
        read_predictions(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "line 1 lacks the column label_epidural, .*add it"),
        (BINARY_HEADER.replace(",label_any", ""), "line 1 lacks the column label_any; add it"),
        (
            BINARY_HEADER.replace(",p_normal", ""),
            r"columns p_hemorrhage; give exactly those of one task: p_normal, p_epi",
        ),
        (BINARY_HEADER.replace("p_normal,p_hemorrhage,", ""), r"columns \(none\)"),
        (BINARY_HEADER + ",label_any", "line 1 has the column label_any more than once"),
    ],
)
def test_a_bad_header_is_named(tmp_path, header, message):
    with pytest.raises(InputError, match=message):
        read_predictions(write_binary(tmp_path / "predictions.csv", header=header))


def test_no_slices_no_file_no_text(tmp_path):
    with pytest.raises(InputError, match="a header but no scored slices"):
        read_predictions(write_binary(tmp_path / "predictions.csv"))
    with pytest.raises(InputError, match=r"elsewhere\.csv does not exist; evaluate first"):
        read_predictions(tmp_path / "elsewhere.csv")
    with pytest.raises(InputError, match=r"is a folder; name the predictions\.csv or validation\.csv in it"):
        read_predictions(tmp_path)
    (tmp_path / "table.xlsx").write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(InputError, match="not a CSV file in UTF-8"):
        read_predictions(tmp_path / "table.xlsx")


@pytest.mark.parametrize("text", ["12 mm", "nan", "inf"])
def test_a_bad_position_is_named(tmp_path, text):
    path = write_binary(
        tmp_path / "predictions.csv", f"a,P,0.5,0.5,0,0,0,0,0,0,{text}", header=f"{BINARY_HEADER},position"
    )
    with pytest.raises(InputError, match=f"line 2: position is '{text}'; give a number of mm or nothing"):
        read_predictions(path)


def test_rows_and_probabilities_must_be_as_many():
    with pytest.raises(ValueError, match=r"got 1 and \(2, 2\)"):
        Predictions.of_rows([{"image": "a", "label": [0] * 6}], np.full((2, 2), 0.5), "binary")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("-1,,,,,,1", "line 2: feature_distance is '-1'; give a distance from 0 on"),
        ("far,,,,,,1", "line 2: feature_distance is 'far'"),
        ("1,,,,,,2", "line 2: study_label_any is '2'; give 1, 0 or nothing"),
        ("1,,,,,1,0", "line 2: the label any is 0, but the subtypes say 1"),
    ],
)
def test_bad_distances_and_labels_of_studies_are_named(tmp_path, fields, message):
    header = ",".join([BINARY_HEADER, "feature_distance", *(f"study_label_{name}" for name in LABELS)])
    path = write_binary(tmp_path / "predictions.csv", f"a,P,0.5,0.5,0,0,0,0,0,0,{fields}", header=header)
    with pytest.raises(InputError, match=message):
        read_predictions(path)


@pytest.mark.parametrize(
    ("header", "lines", "repeated"),
    [
        (BINARY_HEADER, ["a.png,P,0.5,0.5,0,0,0,0,0,0"] * 2, "line 3 is of the same image and slice as line 2"),
        (BINARY_HEADER, ["a.png,P,0.5,0.5,0,0,0,0,0,0", "", "a.png,P,,,0,0,0,0,0,0"], "line 4 is of the same"),
        (f"{BINARY_HEADER},slice", [f"a.nii,P,0.5,0.5,0,0,0,0,0,0,{k}" for k in (1, 2, 1)], "line 4 is of the same"),
    ],
)
def test_a_slice_with_two_lines_is_refused(tmp_path, header, lines, repeated):
    path = write_binary(tmp_path / "p.csv", *lines, header=header)
    with pytest.raises(InputError, match=repeated + r".*; keep one of them"):
        read_predictions(path)


def test_slices_of_a_volume_and_lines_without_an_image_are_no_repeats(tmp_path):
    volume = [f"a.nii,P,0.5,0.5,0,0,0,0,0,0,{k}" for k in range(2)]
    assert len(read_predictions(write_binary(tmp_path / "p.csv", *volume, header=f"{BINARY_HEADER},slice"))) == 2
    assert len(read_predictions(write_binary(tmp_path / "p.csv", *[",P,0.5,0.5,0,0,0,0,0,0"] * 2))) == 2
