import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundle.errors import InputError
from bundle.labels import ABBREVIATIONS, LABELS, NORMAL, SUBTYPES, check_label
from bundle.readers import HeadImageReader
from bundle.sources import read_table
from bundle.sources.person import pseudonym
from bundle.sources.table_columns import find_columns, parse_clinical, parse_labels
from bundle.sources.table_labels import combine_flags, read_classes, read_flag
from tests.datalist.examples import BLEED, save_noise
from tests.datalist.examples import NORMAL as ZEROS
from tests.sources.nifti_examples import numbered_ct, write_nifti
from tests.sources.table_layout import OPTIONS, TABLE, write_table
from tests.sources.test_rsna import write_dicom

UNKNOWN = [None] * 6


def read(root, text, **options):
    (root / "t.csv").write_text(text)
    return read_table(root, root / "t.csv", **options)


def test_a_table_with_columns_of_its_own(tmp_path):
    collection = read_table(tmp_path, write_table(tmp_path), OPTIONS)
    rows = {row["image"]: row for row in collection.rows}
    assert rows["a/1.png"] == {
        "image": "a/1.png", "label": [0, None, None, None, 1, 1], "patient": pseudonym("Ann"), "age": 61.0, "sex": "F",
        "site": "North",
    }  # fmt: skip
    assert rows["a/2.png"]["label"] == ZEROS
    assert rows["b/1.png"]["label"] == [1, None, None, None, 0, 1]
    assert rows["b/1.png"]["age"] == 0.33 and rows["b/1.png"]["sex"] == "M"
    assert rows["b/2.png"]["label"] == UNKNOWN
    assert rows["c/1.png"].keys() == {"image", "label", "patient", "site"}
    assert rows["d/1.png"]["label"] == [0, None, None, None, 1, 1] and rows["d/1.png"]["age"] == 90
    assert collection.notes == ["1 values of Age cannot be read and were left out, first in line 6"]
    assert "Ann" not in str(collection)


@pytest.mark.parametrize("unknown", ["NA", "nan", "N/A", " NULL ", "unknown"])
def test_what_a_table_calls_unknown_is_left_out_without_a_note(tmp_path, unknown):
    save_noise(tmp_path / "a.png", 0)
    write_nifti(tmp_path / "v.nii", numbered_ct(1))
    keys = ["slice", "patient", "study", "series", "position", "age", "sex", "site", "manufacturer"]
    cells = ",".join([unknown] * len(keys))
    collection = read(tmp_path, f"image,any,{','.join(keys)}\na.png,0,{cells}\nv.nii,1,{cells}\n")
    picture, volume = collection.rows
    assert picture.keys() == {"image", "label", "slice"} and volume["patient"] == "v.nii"
    assert collection.notes == ["1 slices have no patient; each volume counts as a patient of its own"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    table = write_table(tmp_path, TABLE.replace(";", delimiter), "labels.tsv")
    assert len(read_table(tmp_path, table, OPTIONS).rows) == 6


def test_columns_are_found_by_the_names_of_keys_and_labels(tmp_path):
    header = ["Image", "AGE", " sex ", *ABBREVIATIONS.values(), "Normal", "No", "remark"]
    (tmp_path / "t.csv").write_text(",".join(header) + "\n")
    columns = find_columns(tmp_path / "t.csv", {})
    assert columns.keys == {"image": "Image", "age": "AGE", "sex": " sex "}
    assert columns.labels == {**ABBREVIATIONS, "normal": "Normal"}


def test_columns_found_by_their_names_are_read_beside_those_that_are_named(tmp_path):
    save_noise(tmp_path / "a.png", 0)
    text = "image,EDH,SDH,Bleed present,diagnosis\na.png,0,1,1,\n"
    for options in ({"labels": "any=Bleed present"}, {"classes": "diagnosis"}, {"labels": "any=SDH"}):
        (row,) = read(tmp_path, text, **options).rows
        assert row["label"] == [0, None, None, None, None if options == {"labels": "any=SDH"} else 1, 1]


def test_a_column_of_normal_and_named_label_columns(tmp_path):
    save_noise(tmp_path / "a.png", 0)
    text = "image,No_Hemorrhage,x,y\na.png,0,1,0\n"
    (row,) = read(tmp_path, text, labels="subdural=x").rows
    assert row["label"] == [None, None, None, None, 1, 1]
    assert read(tmp_path, text, labels="normal=No_Hemorrhage,any=y").skipped == [
        ("a.png", "its labels in line 2 contradict each other: any is 0, and so is normal")
    ]


def test_a_column_of_classes(tmp_path):
    names = {
        "a": ("normal", ZEROS),
        "b": ("SDH", [None] * 4 + [1, 1]),
        "c": ("epidural; Subdural", [1, None, None, None, 1, 1]),
        "d": ("haemorrhage", BLEED),
        "e": ("", UNKNOWN),
        "f": ("n/a", UNKNOWN),
    }
    for seed, name in enumerate(names):
        save_noise(tmp_path / f"{name}.png", seed)
    text = "image,diagnosis\n" + "".join(f"{name}.png,{said}\n" for name, (said, _) in names.items())
    rows = read(tmp_path, text, classes="diagnosis").rows
    assert [row["label"] for row in rows] == [label for _, label in names.values()]
    with pytest.raises(
        InputError, match="line 2 has the class 'stroke', of which 'stroke' is none of normal, hemorrhage"
    ):
        read(tmp_path, "image,diagnosis\na.png,stroke\n", classes="diagnosis")


@settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(LABELS), st.sampled_from([0, 1]), min_size=1),
    st.sampled_from([NORMAL, "hemorrhage", *SUBTYPES]),
)
def test_a_class_that_contradicts_the_columns_of_labels_leaves_the_image_out(tmp_path, flags, named):
    save_noise(tmp_path / "a.png", 0)
    text = f"image,dx,{','.join(flags)}\na.png,{named},{','.join(map(str, flags.values()))}\n"
    collection = read(tmp_path, text, labels=",".join(f"{name}={name}" for name in flags), classes="dx")
    said = [flags.get(name) for name in LABELS]
    for row in collection.rows:
        together = zip(said, read_classes(named), row["label"], strict=True)
        assert all({one, other} <= {label, None} for one, other, label in together)
    try:
        by_columns = check_label(said)
    except ValueError:
        by_columns = None
    agree = by_columns and all({*pair} != {0, 1} for pair in zip(by_columns, read_classes(named), strict=True))
    assert len(collection.rows) == bool(agree) and len(collection.skipped) == 1 - bool(agree)


def test_it_is_said_which_label_a_class_contradicts(tmp_path):
    text = "image,ICH,EDH,dx\na.png,0,,subdural\nb.png,,0,epidural\n"
    assert read(tmp_path, text, labels="any=ICH,epidural=EDH", classes="dx").skipped == [
        ("a.png", "its labels in line 2 contradict each other: subdural is 0, but 1 by dx"),
        ("b.png", "its labels in line 3 contradict each other: epidural is 0, but 1 by dx"),
    ]


flags = st.sampled_from(["1", "0", "", "yes", "No", "TRUE", "false", " 1 ", "NaN", "1.0", "y", "F"])


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*LABELS, NORMAL]), flags, min_size=1))
def test_flags_become_a_label_that_says_what_they_say(cells):
    values = {name: read_flag(text) for name, text in cells.items()}
    try:
        label = combine_flags(values)
    except ValueError:
        bleed = {values.get("any"), None if values.get(NORMAL) is None else 1 - values[NORMAL]} - {None}
        subtypes = [values.get(name) for name in SUBTYPES]
        if 1 in subtypes or subtypes == [0] * 5:
            bleed.add(int(1 in subtypes))
        assert bleed == {0, 1}
        return
    assert label == check_label(label)
    for name, value in values.items():
        if value is not None:
            assert (1 - label[-1] if name == NORMAL else label[LABELS.index(name)]) == value
    if set(values.values()) == {None}:
        assert label == UNKNOWN


@given(st.text(max_size=6))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_what_is_no_flag_is_refused_with_the_value(text):
    try:
        assert read_flag(text) in (0, 1, None)
    except InputError as error:
        assert repr(text) in str(error)


@given(
    st.lists(st.sampled_from([*SUBTYPES, "hemorrhage"]), min_size=1, max_size=4),
    st.sampled_from([",", " + ", "/", ";"]),
)
@settings(derandomize=True, max_examples=50, deadline=None)
def test_classes_say_what_is_there_and_nothing_of_the_rest(names, between):
    label = read_classes(between.join(names))
    assert label == [*(1 if subtype in names else None for subtype in SUBTYPES), 1]
    with pytest.raises(ValueError, match="at once"):  # normal and a bleed
        read_classes(between.join([*names, "normal"]))


@pytest.mark.parametrize("codes", ["LPS", "LPI"])
@pytest.mark.parametrize("first", [0, 1])
def test_slices_of_volumes_are_counted_as_stored(tmp_path, codes, first):
    write_nifti(tmp_path / "v.nii", numbered_ct(4), codes)
    save_noise(tmp_path / "a.png", 0)
    text = "image,slice,any,patient\n" + "".join(f"v.nii,{k + first},{k % 2},P\n" for k in range(4)) + "a.png,,1,Q\n"
    rows = read(tmp_path, text, first_slice=first).rows
    reader = HeadImageReader()
    image, _ = reader.get_data(reader.read(tmp_path / "v.nii"))
    for row in rows[:4]:
        number = int(image[8, 8, row["slice"]])
        assert row["label"][-1] == (number - 1) % 2
        assert row["position"] == 5 * row["slice"] + (-15 if codes == "LPI" else 0)
    assert rows[4]["slice"] == 0
    if first:
        told = "names the slice 4 of v.nii, which has 4, and no slice 0 of any volume, so that it seems to count from 1"
        with pytest.raises(InputError, match=f"{told}; write --first_slice 1"):
            read(tmp_path, text)
    with pytest.raises(InputError, match=r"line 2 has the slice '-1', which must be a whole number"):
        read(tmp_path, "image,slice,any\nv.nii,-1,1\n")


def test_a_patient_called_none_is_not_known(tmp_path):
    for seed, name in enumerate("abc"):
        save_noise(tmp_path / f"{name}.png", seed)
    rows = read(tmp_path, "image,any,patient\na.png,0,None\nb.png,1,none\nc.png,1,<NA>\n").rows
    assert not any("patient" in row for row in rows)


def test_volumes_without_a_patient_are_each_a_patients_own(tmp_path):
    for name in "ab":
        write_nifti(tmp_path / f"{name}.nii", numbered_ct(2))
    collection = read(tmp_path, "image,slice,any\na.nii,0,1\na.nii,1,1\nb.nii,0,0\n")
    assert [row["patient"] for row in collection.rows] == ["a.nii", "a.nii", "b.nii"]
    assert collection.notes == ["3 slices have no patient; each volume counts as a patient of its own"]


def test_a_dicom_header_tells_what_the_table_does_not(tmp_path):
    write_dicom(tmp_path / "x" / "a.dcm", "4711", -12.5, PatientAge="045Y")
    (row,) = read(tmp_path, "image,any,age\nx/a.dcm,1,50\n").rows
    assert row == {
        "image": "x/a.dcm", "label": BLEED, "patient": pseudonym("4711"), "study": "1.2", "series": "1.3",
        "position": -12.5, "age": 50.0,
    }  # fmt: skip


def test_absolute_paths_inside_the_folder_become_relative_and_others_are_refused(tmp_path):
    save_noise(tmp_path / "x" / "a.png", 0)
    text = f"image,any\n{tmp_path}/x/a.png,1\n"
    assert read(tmp_path, text).rows[0]["image"] == "x/a.png"
    assert read(tmp_path, "image,any\n.\\x\\a.png,1\n").rows[0]["image"] == "x/a.png"
    for path in ("/elsewhere/a.png", "../a.png", "x/../../a.png", r"C:\x\a.png"):
        with pytest.raises(InputError, match=r"t\.csv line 2 has the image .* is not inside"):
            read(tmp_path, f"image,any\n{path},1\n")


def test_images_that_cannot_be_used_are_listed(tmp_path):
    save_noise(tmp_path / "good.png", 0)
    (tmp_path / "cut.png").write_bytes((tmp_path / "good.png").read_bytes()[:60])
    (tmp_path / "a.txt").write_text("text")
    write_nifti(tmp_path / "v.nii", numbered_ct(3))
    names = ("good.png", "cut.png", "a.txt", "absent.png", "v.nii")
    collection = read(tmp_path, "image,any\n" + "".join(f"{name},1\n" for name in names))
    assert [row["image"] for row in collection.rows] == ["good.png"]
    reasons = dict(collection.skipped)
    assert reasons.keys() == set(names[1:])
    assert reasons["v.nii"] == "is a volume of 3 slices; name the column of the slices with --slice"
    assert reasons["absent.png"].startswith("does not exist")
    collection = read(tmp_path, "image,any,slice\ngood.png,1,\nv.nii,1,9\n")
    assert dict(collection.skipped) == {"v.nii": "has 3 slices, but the table names slice 9"}
    collection = read(tmp_path, "image,any,slice\ngood.png,1,2\ngood.png,0,3\n")
    assert collection.skipped == [("good.png", "is one slice, but the table has 2 rows of it")] * 2
    assert "slice" not in read(tmp_path, "image,any,slice\ngood.png,1,14\n").rows[0]


def test_repeated_rows_count_once_and_contradictions_leave_the_image_out(tmp_path):
    for seed, name in enumerate("ab"):
        save_noise(tmp_path / f"{name}.png", seed)
    collection = read(tmp_path, "image,any,SDH\na.png,1,\n./a.png,1,\nb.png,1,\nb.png,0,\nc.png,0,1\n")
    assert [row["image"] for row in collection.rows] == ["a.png"]
    reasons = dict(collection.skipped)
    assert reasons["b.png"] == "its label in line 5 contradicts that of an earlier line"
    assert reasons["c.png"].startswith(
        "its labels in line 6 contradict each other: the label any is 0, but the subtypes"
    )
    assert collection.notes == ["2 rows repeat an image of an earlier row"]


@pytest.mark.parametrize(
    ("key", "first", "second"),
    [("patient", "Ann", "Bob"), ("study", "s1", "s2"), ("series", "s1", "s2"), ("position", "1.5", "4")],
)
def test_rows_of_an_image_that_differ_in_whose_and_where_it_is_leave_it_out(tmp_path, key, first, second):
    save_noise(tmp_path / "a.png", 0)
    lines = [f"image,any,{key}", f"a.png,1,{first}", f"a.png,1,{second}"]
    assert read(tmp_path, "\n".join(lines)).skipped == [
        ("a.png", f"its {key} in line 3 contradicts that of an earlier line")
    ]
    (row,) = read(tmp_path, "\n".join([lines[0], "a.png,1,NA", lines[1], "a.png,1,"])).rows
    assert row[key] == {"patient": pseudonym(first), "position": 1.5}.get(key, first)


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("", {}, r"t\.csv is empty"),
        ("image,ICH\na.png,2\n", {}, r"line 2 has the ICH '2'; write 1, 0, yes, no, true, false or nothing"),
        ("image,any\n,1\n", {}, "line 2 has no image"),
        ("image,any\na.png\n", {}, "line 2 has 1 values, not 2"),
        ("file,any\na.png,1\n", {}, "no column image; name that of the images with --image"),
        ("image,x\na.png,1\n", {}, "no column of a label .* or that of the classes' names with --classes"),
        ("image,EDH,epidural\na.png,1,1\n", {}, "the columns EDH and epidural for epidural; .* with --labels"),
        ("image,Age,age,any\na.png,1,1,1\n", {}, "the columns Age and age for age; .* with --age"),
        ("image,any,any\na.png,1,1\n", {}, "the columns any and any for any"),
        (
            "image,any\na.png,1\n",
            {"columns": {"patient": "PID"}},
            "has no column 'PID' for patient; its columns are image",
        ),
        ("image,any\na.png,1\n", {"labels": "any"}, "are not written as epidural=COLUMN"),
        ("image,any\na.png,1\n", {"labels": "stroke=any"}, "are not written as epidural=COLUMN"),
        ("image,any\na.png,1\n", {"first_slice": -1}, "--first_slice"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, text, options, said):
    with pytest.raises(InputError, match=said):
        read(tmp_path, text, **options)


def test_a_missing_table_or_folder_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv does not exist"):
        read_table(tmp_path, tmp_path / "none.csv")
    with pytest.raises(InputError, match="is no folder"):
        read_table(tmp_path / "none", tmp_path / "t.csv")


def test_label_columns_are_written_as_pairs():
    assert parse_labels("epidural=E D H, any = b") == {"epidural": "E D H", "any": "b"}


CLINICAL = """\
image,any,SBP,History of stroke,Patient ID
a/1.png,1,151.5,yes,Ann
b/1.png,0,NA,no,Bo
c/1.png,0,,unknown,Cy
"""


def test_clinical_features_are_numbers_texts_or_absent(tmp_path):
    file = write_table(tmp_path, CLINICAL)
    rows = read_table(tmp_path, file, clinical="systolic_bp=SBP,History of stroke").rows
    assert [row.get("clinical") for row in rows] == [
        {"systolic_bp": 151.5, "history_of_stroke": "yes"}, {"history_of_stroke": "no"}, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("clinical", "said"),
    [
        ("Patient ID", "identifies a person"),
        ("code=Patient ID", "identifies a person"),
        ("age", "write --age 'age'"),
        ("SBP,sbp", "once"),
        ("7", "a name of letters"),
        ("gcs", "no column 'gcs' for gcs"),
    ],
)
def test_clinical_columns_that_cannot_be(tmp_path, clinical, said):
    with pytest.raises(InputError, match=re.escape(said)):
        read_table(tmp_path, write_table(tmp_path, CLINICAL), clinical=clinical)


@pytest.mark.parametrize("value", ["2019-03-01", "brought in by her neighbour who had found her at home"])
def test_clinical_values_that_could_name_a_person_are_refused_and_not_repeated(tmp_path, value):
    with pytest.raises(InputError, match=r"t\.csv line 2 has a date or more than 40 characters in note") as raised:
        read(tmp_path, f"image,any,note\na.png,1,{value}\n", clinical="note")
    assert value not in str(raised.value)


def test_clinical_columns_as_written():
    assert parse_clinical("Systolic BP, gcs=GCS total") == {"systolic_bp": "Systolic BP", "gcs": "GCS total"}


def test_a_column_of_many_texts_is_no_category(tmp_path):
    rows = "\n".join(f"{k}.png,1,Smith {chr(97 + k)}" for k in range(17))
    with pytest.raises(InputError, match=r"t\.csv has 17 different texts in ref, .* could be names") as raised:
        read(tmp_path, f"image,any,ref\n{rows}\n", clinical="ref")
    assert "Smith" not in str(raised.value)
