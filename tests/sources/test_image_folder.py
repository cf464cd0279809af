import os

import pytest

from bundle.errors import InputError
from bundle.sources import read_image_folder
from bundle.sources.image_folder import find_class
from bundle.sources.person import pseudonym
from tests.datalist.examples import BLEED, NORMAL, save_noise
from tests.sources.test_rsna import write_dicom


def test_the_layout_of_the_paper(tmp_path):
    save_noise(tmp_path / "Hemorrhagic" / "1.png", 1)
    save_noise(tmp_path / "NORMAL" / "1.jpg", 2)
    collection = read_image_folder(tmp_path)
    assert collection.rows == [
        {"image": "Hemorrhagic/1.png", "label": BLEED},
        {"image": "NORMAL/1.jpg", "label": NORMAL},
    ]
    assert collection.skipped == []


def test_a_subtype_leaves_the_others_unknown(tmp_path):
    save_noise(tmp_path / "subdural" / "1.png", 1)
    assert read_image_folder(tmp_path).rows[0]["label"] == [None, None, None, None, 1, 1]


def test_the_folder_beneath_the_class_is_the_patient(tmp_path):
    for path in ("yes/Ann/1.png", "yes/Ann/brain/2.png", "yes/3.png", "no/Ann/4.png"):
        save_noise(tmp_path / path, 1)
    patients = {row["image"]: row.get("patient") for row in read_image_folder(tmp_path).rows}
    ann = pseudonym("Ann")
    assert patients == {"yes/Ann/1.png": ann, "yes/Ann/brain/2.png": ann, "yes/3.png": None, "no/Ann/4.png": ann}


def test_the_name_of_a_patients_folder_need_not_be_utf_8(tmp_path):
    save_noise(tmp_path / "yes" / os.fsdecode(b"M\xfcller") / "1.png", 1)
    (row,) = read_image_folder(tmp_path).rows
    assert len(row["patient"]) == 16 and row["patient"].isascii()


def test_a_dicom_header_tells_the_patient_without_naming_one(tmp_path):
    for path, patient in (("yes/a.dcm", "4711"), ("yes/b", "4711"), ("no/c.dcm", "4712")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        write_dicom(tmp_path / path, patient)
    (tmp_path / "no" / "Bo").mkdir()
    write_dicom(tmp_path / "no" / "Bo" / "d.dcm", "4711")
    rows = {row["image"]: row for row in read_image_folder(tmp_path).rows}
    assert rows["yes/a.dcm"]["patient"] == rows["yes/b"]["patient"] != rows["no/c.dcm"]["patient"]
    assert rows["no/Bo/d.dcm"]["patient"] == rows["yes/a.dcm"]["patient"]
    assert rows["yes/a.dcm"]["series"] == "1.3"
    assert not any(name in str([row.get("patient") for row in rows.values()]) for name in ("4711", "Doe", "Bo"))


def write_scans(root, patients):
    """Write two slices in hemorrhage/CT_<k>_0 and in normal/CT_<k>_1 for the PatientID of each patient k."""
    for number, patient in enumerate(patients):
        for each, name in enumerate(("hemorrhage", "normal")):
            for z in range(2):
                file = root / name / f"CT_{number}_{each}" / f"{z}.dcm"
                file.parent.mkdir(parents=True, exist_ok=True)
                write_dicom(file, patient, 5.0 * z)


def test_folders_of_one_patient_id_are_one_patient(tmp_path):
    write_scans(tmp_path, [f"PAT{number}" for number in range(6)])
    collection = read_image_folder(tmp_path)
    of_scan = {}
    for row in collection.rows:
        of_scan.setdefault(row["image"].split("/")[1][:4], set()).add(row["patient"])
    assert [len(patients) for patients in of_scan.values()] == [1] * 6 and len(set.union(*of_scan.values())) == 6
    assert collection.notes == [
        "12 folders of patients have a PatientID in common with another, and count as one patient with it"
    ]


def test_one_patient_id_in_all_folders_tells_nothing(tmp_path):
    write_scans(tmp_path, ["ANON"] * 3)
    collection = read_image_folder(tmp_path)
    assert len({row["patient"] for row in collection.rows}) == 6 and collection.notes == []


def test_files_that_cannot_be_used_are_listed(tmp_path):
    save_noise(tmp_path / "normal" / "good.png", 1)
    save_noise(tmp_path / "normal" / "cut.png", 2)
    cut = tmp_path / "normal" / "cut.png"
    cut.write_bytes(cut.read_bytes()[:60])
    (tmp_path / "normal" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "normal" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "readme.txt").write_text("beside the classes")
    collection = read_image_folder(tmp_path)
    assert [row["image"] for row in collection.rows] == ["normal/good.png"]
    skipped = dict(collection.skipped)
    assert skipped.keys() == {"normal/Thumbs.db", "normal/cut.png"}
    assert skipped["normal/cut.png"].startswith("is not a readable PNG")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Normal", "normal"), ("no", "normal"), ("No_Hemorrhage", "normal"), ("non-haemorrhagic", "normal"),
        ("Controls", "normal"), ("hemorrhage", "any"), ("Haemorrhage", "any"), ("YES", "any"), ("ICH", "any"),
        ("intracranial hemorrhages", "any"), ("Epidural", "epidural"), ("EDH", "epidural"),
        ("extradural haematoma", "epidural"), ("Subdural_Hematoma", "subdural"), ("SAH", "subarachnoid"),
        ("subarachnoid bleed", "subarachnoid"), ("intracerebral hemorrhage", "intraparenchymal"),
        ("intraventricular", "intraventricular"),
    ],
)  # fmt: skip
def test_common_spellings_of_a_class(tmp_path, name, expected):
    assert find_class(tmp_path / name) == expected


@pytest.mark.parametrize("name", ["stroke", "train", "1", "hemorrhage_train", "abnormal", "not sure", "无ICH", "ICH-"])
def test_an_unknown_class_lists_what_is_accepted(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=rf"{name} is no known class; rename it to one of normal, hemorrhage"):
        read_image_folder(tmp_path)


def test_an_empty_class_is_one_sentence(tmp_path):
    save_noise(tmp_path / "normal" / "1.png", 1)
    (tmp_path / "hemorrhage").mkdir()
    (tmp_path / "hemorrhage" / "notes.txt").write_text("")
    with pytest.raises(InputError, match=r"hemorrhage has no PNG, JPEG or DICOM image"):
        read_image_folder(tmp_path)


def test_a_folder_without_classes_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="no folder of a class"):
        read_image_folder(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        read_image_folder(tmp_path / "none")
