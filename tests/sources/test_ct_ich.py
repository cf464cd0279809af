import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.errors import InputError
from bundle.labels import LABELS, SUBTYPES
from bundle.readers import HeadImageReader
from bundle.sources import read_ct_ich
from bundle.sources.ct_ich_tables import read_demographics, read_diagnoses
from tests.datalist.examples import NORMAL
from tests.sources.ct_ich_layout import (
    DEMOGRAPHICS,
    DEPTH,
    HEADER,
    PATIENTS,
    diagnosis,
    write_diagnoses,
    write_pictures,
    write_volumes,
)
from tests.sources.nifti_examples import numbered_ct, write_nifti


def expected_label(patient, number):
    row = diagnosis(patient, number)
    return [*(row[subtype.capitalize()] for subtype in SUBTYPES), 1 - row["No_Hemorrhage"]]


@pytest.mark.parametrize("codes", ["LPS", "RAS", "LPI", "ARI", "PLS"])
def test_each_label_is_on_the_slice_that_the_table_numbers(tmp_path, codes):
    """The number is counted as stored, the row's slice as read: the HU of a slice are its number."""
    collection = read_ct_ich(write_volumes(tmp_path, codes))
    assert len(collection.rows) == len(PATIENTS) * DEPTH
    reader = HeadImageReader()
    for row in collection.rows:
        image, meta = reader.get_data(reader.read(tmp_path / row["image"]))
        number = int(image[8, 8, row["slice"]])
        assert row["label"] == expected_label(int(row["patient"]), number)
        assert row["position"] == (meta["affine"] @ (0, 0, row["slice"], 1))[2]
        mask, _ = reader.get_data(reader.read(tmp_path / row["mask"]))
        assert bool(mask[..., row["slice"]].any()) == (row["label"][-1] == 1)
    assert sum(row["label"][-1] for row in collection.rows) == sum(patient % 3 > 0 for patient in PATIENTS)
    assert collection.skipped == []


def test_ages_and_sexes_that_can_be_read_are_kept_and_others_noted(tmp_path):
    collection = read_ct_ich(write_volumes(tmp_path))
    people = {row["patient"]: (row.get("age"), row.get("sex")) for row in collection.rows}
    assert people == {
        "049": (45, "M"), "050": (0.5, "F"), "051": (1.5, "M"),
        "066": (None, "F"), "067": (None, None), "100": (90, None),
    }  # fmt: skip
    (note,) = collection.notes
    assert note.endswith("were left out: age 'about 40' of 67, sex 'Femal' of 100")


def test_the_older_export_has_pictures_with_a_mask_beside_a_bleed(tmp_path):
    collection = read_ct_ich(write_pictures(tmp_path))
    rows = {row["image"]: row for row in collection.rows}
    assert len(rows) == len(PATIENTS) * DEPTH
    assert rows["Patients_CT/100/brain/1.jpg"] == {
        "image": "Patients_CT/100/brain/1.jpg", "label": expected_label(100, 1), "patient": "100", "series": "100",
        "position": 5.0, "mask": "Patients_CT/100/brain/1_HGE_Seg.jpg",
    }  # fmt: skip
    assert rows["Patients_CT/100/brain/2.jpg"]["position"] == 10
    assert rows["Patients_CT/100/brain/2.jpg"]["label"] == NORMAL and "mask" not in rows["Patients_CT/100/brain/2.jpg"]
    assert collection.skipped == []
    assert collection.notes == ["there is no Patient_demographics.csv, so ages and sexes are unknown"]


def test_volumes_are_taken_where_both_are(tmp_path):
    write_pictures(tmp_path)
    assert {row["image"][:8] for row in read_ct_ich(write_volumes(tmp_path)).rows} == {"ct_scans"}


def test_what_is_left_out_of_the_volumes_is_listed(tmp_path):
    write_volumes(tmp_path)
    scans, masks = tmp_path / "ct_scans", tmp_path / "masks"
    (scans / "051.nii").unlink()
    (scans / "notes.txt").write_text("")
    (scans / ".hidden").write_text("")
    (scans / "066.nii").write_bytes((scans / "066.nii").read_bytes()[:400])
    write_nifti(scans / "067.nii", numbered_ct(DEPTH), "SLP")
    (masks / "049.nii").unlink()
    write_nifti(masks / "050.nii", numbered_ct(DEPTH), "RAS")
    rows = [diagnosis(p, n) for p in PATIENTS for n in range(1, DEPTH + 1) if (p, n) != (100, 2)]
    write_diagnoses(tmp_path / "hemorrhage_diagnosis_raw_ct.csv", rows, [diagnosis(100, DEPTH + 1)])
    collection = read_ct_ich(tmp_path)
    assert dict(collection.skipped) == {
        "051": "ct_scans has no volume of it",
        "ct_scans/notes.txt": "is no NIfTI named by a patient's number",
        "ct_scans/066.nii": "is a damaged NIfTI file; copy or export it again",
        "ct_scans/067.nii": "is not stored in axial slices, by which its slices are numbered; store it so",
        "100 slice 2": "has no usable row in the diagnoses",
        "100 slice 6": "ct_scans/100.nii has 5 slices",
    }
    assert {row["patient"] for row in collection.rows} == {"049", "050", "100"}
    assert {row["patient"] for row in collection.rows if "mask" in row} == {"100"}
    assert collection.notes[-2:] == [
        "masks/049.nii is not there or cannot be read, so its slices have no mask",
        "masks/050.nii does not fit its volume, so its slices have no mask",
    ]


def test_what_is_left_out_of_the_pictures_is_listed(tmp_path):
    write_pictures(tmp_path)
    folder = tmp_path / "Patients_CT" / "049" / "brain"
    (folder / "1.jpg").unlink()
    (folder / "2.jpg").write_bytes((folder / "2.jpg").read_bytes()[:100])
    (folder / "9.jpg").write_bytes((folder / "3.jpg").read_bytes())
    collection = read_ct_ich(tmp_path)
    assert dict(collection.skipped) == {
        "049 slice 1": "there is no Patients_CT/049/brain/1.jpg",
        "Patients_CT/049/brain/2.jpg": "is not a readable PNG or JPEG image; copy or export it again",
        "Patients_CT/049/brain/9.jpg": "has no usable row in the diagnoses",
    }
    assert len(collection.rows) == len(PATIENTS) * DEPTH - 2


def test_rows_that_contradict_themselves_or_each_other_leave_the_slice_out(tmp_path):
    both = diagnosis(49, 1) | {"Subdural": 1}
    neither = diagnosis(49, 2) | {"No_Hemorrhage": 0}
    rows = [both, neither, diagnosis(49, 3), diagnosis(49, 4), diagnosis(49, 4), diagnosis(49, 5)]
    write_diagnoses(
        tmp_path / "d.csv",
        rows,
        [
            diagnosis(49, 5)
            | {"Epidural": 1 - diagnosis(49, 5)["Epidural"], "No_Hemorrhage": diagnosis(49, 5)["Epidural"]}
        ],
    )
    labels, skipped, notes = read_diagnoses(tmp_path / "d.csv")
    assert list(labels) == [(49, 3), (49, 4)]
    assert [skip.image for skip in skipped] == ["049 slice 1", "049 slice 2", "049 slice 5"]
    assert "any is 0, but the subtypes say 1" in skipped[0].reason
    assert "any is 1, but the subtypes say 0" in skipped[1].reason
    assert skipped[2].reason == "its rows contradict each other"
    assert notes == ["2 rows of d.csv name a slice again"]


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([0, 1, None]), min_size=5, max_size=5), st.sampled_from([0, 1, None]))
def test_a_label_never_says_more_or_other_than_its_row(tmp_path_factory, subtypes, normal):
    row = dict.fromkeys(HEADER.split(), "") | {"PatientNumber": 49, "SliceNumber": 1, "No_Hemorrhage": normal}
    row |= {name.capitalize(): value for name, value in zip(SUBTYPES, subtypes, strict=True)}
    file = tmp_path_factory.getbasetemp() / "diagnoses.csv"
    write_diagnoses(file, [{key: "" if value is None else value for key, value in row.items()}])
    labels, skipped, _ = read_diagnoses(file)
    contradicts = (normal == 1 and 1 in subtypes) or (normal == 0 and set(subtypes) == {0})
    assert bool(skipped) == contradicts
    for label in labels.values():
        for name, said, value in zip(LABELS, [*subtypes, None if normal is None else 1 - normal], label, strict=True):
            if said is not None:
                assert value == said
            elif value == 1:
                assert name == "any" and 1 in subtypes
            elif value == 0:
                assert normal == 1 or (name == "any" and set(subtypes) == {0})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Epidural": 2}, r"d\.csv line 2 has the Epidural '2'; write 1, 0 or nothing"),
        ({"PatientNumber": "A1"}, "line 2 has the PatientNumber 'A1'; write a whole number"),
        ({"SliceNumber": "1.5"}, "line 2 has the SliceNumber '1.5'"),
    ],
)
def test_a_malformed_row_is_one_sentence_with_the_line(tmp_path, values, said):
    write_diagnoses(tmp_path / "d.csv", [diagnosis(49, 1) | values])
    with pytest.raises(InputError, match=said):
        read_diagnoses(tmp_path / "d.csv")


def test_a_missing_folder_or_table_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="no folder ct_scans or Patients_CT"):
        read_ct_ich(tmp_path)
    (tmp_path / "ct_scans").mkdir()
    with pytest.raises(InputError, match=r"hemorrhage_diagnosis_raw_ct\.csv does not exist; put the diagnoses"):
        read_ct_ich(tmp_path)


def test_demographics_without_a_header_are_noted(tmp_path):
    file = tmp_path / "p.csv"
    file.write_text("\n".join(DEMOGRAPHICS.splitlines()[3:]))
    assert read_demographics(file) == (
        {},
        ["no row of p.csv names Patient Number, Age and Gender, so ages and sexes are unknown"],
    )


def test_real_export(head_ct_data):
    collection = read_ct_ich(head_ct_data / "ct_ich")
    assert (len(collection.rows), collection.skipped) == (1639, [])
    bleeds = [row for row in collection.rows if row["label"][-1] == 1]
    assert len(bleeds) == 198 and all("mask" in row for row in bleeds)
