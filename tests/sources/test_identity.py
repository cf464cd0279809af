import pytest

from bundle.datalist import SECTIONS, Collection, build_datalist
from bundle.errors import InputError
from bundle.labels import LABELS
from bundle.sources import read_rsna, read_table
from bundle.sources.identity import add_identities
from tests.datalist.examples import NORMAL, save_noise


@pytest.fixture
def exports(tmp_path):
    """Twelve exports that look like those of twelve patients."""
    lines = ["ID,Label"]
    for index in range(12):
        save_noise(tmp_path / "images" / f"ID_{index}.png", index)
        lines += [f"ID_{index}_{name},{value}" for name, value in zip(LABELS, NORMAL, strict=True)]
    (tmp_path / "stage_2_train.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def write(folder, *lines, header="image,patient,study,series,position"):
    (folder / "identity.csv").write_text("\n".join([header, *lines]) + "\n")


def test_a_series_of_exports_stays_in_one_section(exports):
    write(exports, *(f"ID_{index},{'p1' if index == 3 else ''},,s{index % 2},{-2.5 * index}" for index in range(11)))
    collection = read_rsna(exports, identity="identity.csv")
    assert collection.notes[-1] == "1 images are not in identity.csv"
    assert {row["image"]: (row.get("patient"), row.get("series"), row.get("position")) for row in collection.rows} == {
        **{
            f"images/ID_{index}.png": ("p1" if index == 3 else None, f"s{index % 2}", -2.5 * index)
            for index in range(11)
        },
        "images/ID_11.png": (None, None, None),
    }
    content = build_datalist(collection, exports, (0.5, 0.25, 0.25))
    sections = {row["image"]: section for section in SECTIONS for row in content[section]}
    of_series = [{sections[f"images/ID_{index}.png"] for index in range(rest, 11, 2)} for rest in (0, 1)]
    assert [len(each) for each in of_series] == [1, 1] and of_series[0] != of_series[1]


def test_a_table_of_a_hospital_keeps_but_a_hash_of_its_patients(exports):
    write(exports, *(f"images/ID_{index}.png;Ann" for index in range(12)), header="image;patient")
    (exports / "labels.csv").write_text("image,any\n" + "".join(f"images/ID_{index}.png,0\n" for index in range(12)))
    rows = read_table(exports, exports / "labels.csv", identity="identity.csv").rows
    (patient,) = {row["patient"] for row in rows}
    assert len(patient) == 16 and "Ann" not in patient


@pytest.mark.parametrize("unknown", ["", " ", "NA", "nan", "N/A", "NULL", "Unknown"])
def test_what_a_table_calls_unknown_is_neither_a_patient_nor_a_place(exports, unknown):
    write(exports, *(f"ID_{index},{unknown},{unknown},s{index},{unknown}" for index in range(12)))
    rows = read_rsna(exports, identity="identity.csv").rows
    assert all(row.keys() == {"image", "label", "series"} for row in rows)


def identified(folder, *images):
    collection = Collection("rsna", [{"image": image, "label": NORMAL} for image in images])
    add_identities(collection, "identity.csv", folder)
    return {row["image"]: row.get("patient") for row in collection.rows}


@pytest.mark.parametrize("name", ["1.png", "1"])
def test_a_name_that_several_images_have_is_refused(tmp_path, name):
    write(tmp_path, f"{name},Ann", header="image,patient")
    sentence = rf"identity\.csv names the image {name}, which is ann/1\.png and bob/1\.png; write the path"
    with pytest.raises(InputError, match=sentence):
        identified(tmp_path, "bob/1.png", "ann/1.png")
    assert identified(tmp_path, "ann/1.png", "ann/1.png") == {"ann/1.png": "Ann"}


def test_a_path_is_no_name_of_another_image(tmp_path):
    write(tmp_path, "1.png,Ann", "2.png,Bob", header="image,patient")
    assert identified(tmp_path, "1.png", "x/1.png", "x/2.png") == {"1.png": "Ann", "x/1.png": None, "x/2.png": "Bob"}


@pytest.mark.parametrize("image", ["images/001.nii.gz", "images/001.NII.GZ", "images/001.nii"])
def test_a_volume_is_found_without_its_suffix(tmp_path, image):
    write(tmp_path, "001,Ann", header="image,patient")
    assert identified(tmp_path, image) == {image: "Ann"}


@pytest.mark.parametrize("name", ["a/b.png", "b.png", "b"])
def test_an_image_is_found_by_path_name_or_stem_and_its_header_counts_more(tmp_path, name):
    write(tmp_path, f"{name},of the table,,s1,")
    collection = Collection("rsna", [{"image": "a/b.png", "label": NORMAL, "patient": "of the header"}])
    add_identities(collection, "identity.csv", tmp_path)
    assert collection.rows[0]["patient"] == "of the header" and collection.rows[0]["series"] == "s1"


@pytest.mark.parametrize("header", ["Image,Patient,Study", "image, patient, study", "IMAGE , PATIENT,\tstudy"])
def test_columns_are_found_whatever_their_case_and_spaces(tmp_path, header):
    write(tmp_path, "a,Ann,s1", header=header)
    collection = Collection("rsna", [{"image": "a.png", "label": NORMAL}])
    add_identities(collection, "identity.csv", tmp_path)
    assert collection.rows == [{"image": "a.png", "label": NORMAL, "patient": "Ann", "study": "s1"}]


def test_paths_are_read_as_those_of_a_table_of_labels(tmp_path):
    write(tmp_path, "ann\\1.png,Ann", "./bob/1.png,Bob", f"{tmp_path}/cy/1.png,Cy", header="image,patient")
    rows = [{"image": f"{name}/1.png", "label": NORMAL} for name in ("ann", "bob", "cy")]
    collection = Collection("rsna", rows)
    add_identities(collection, "identity.csv", tmp_path)
    assert [row["patient"] for row in collection.rows] == ["Ann", "Bob", "Cy"]


def test_a_position_of_0_in_a_header_counts_more_too(tmp_path):
    write(tmp_path, "a.dcm,,,,99.0")
    collection = Collection("rsna", [{"image": "a.dcm", "label": NORMAL, "position": 0.0}])
    add_identities(collection, "identity.csv", tmp_path)
    assert collection.rows[0]["position"] == 0.0


@pytest.mark.parametrize(
    ("lines", "header", "sentence"),
    [
        (["ID_1,p1", "ID_1,p2"], "image,patient", "line 3 names the image ID_1 again"),
        (["ID_1,left"], "image,position", "line 2 has a position that is no number; write mm, as -12.5"),
        (["ID_1,p1"], "file,patient", "has the columns file, patient; give a table with the column image"),
        (["ID_1,inf"], "image,position", "line 2 has a position that is no number; write mm, as -12.5"),
        (["ID_1,45"], "image,age", "has the columns image, age; give a table with the column image and some of"),
        (["ID_1,p1,p2"], "image,patient,Patient", "has the columns patient and Patient for patient; rename or remove"),
        (["ID_1,p1", "./ID_1,p2"], "image,patient", "line 3 names the image ID_1 again"),
        (["../ID_1,p1"], "image,patient", r"line 2 has the image '\.\./ID_1', which is not inside"),
        (["ID_99,p1"], "image,patient", "knows none of the 12 images"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_sentence(exports, lines, header, sentence):
    write(exports, *lines, header=header)
    with pytest.raises(InputError, match=sentence):
        read_rsna(exports, identity="identity.csv")


def test_an_absent_table_is_one_sentence(exports):
    with pytest.raises(InputError, match=r"identity\.csv does not exist; give a table with the column image"):
        read_rsna(exports, identity="identity.csv")
