import csv

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from benchmarks.rsna_csv import write_rsna_csv
from bundle.datalist import build_datalist
from bundle.errors import InputError
from bundle.labels import LABELS, SUBTYPES
from bundle.phantom.dataset import BRAIN, FIRST_BLEED
from bundle.sources import read_rsna
from bundle.sources.rsna import MASK_VALUES
from bundle.sources.rsna_labels import read_rsna_labels
from tests.datalist.examples import NORMAL, SUBDURAL, save_noise


def write_csv(folder, labels, extra=()):
    lines = ["ID,Label"]
    for image, label in labels.items():
        lines += [f"{image}_{name},{value}" for name, value in zip(LABELS, label, strict=True)]
    (folder / "stage_2_train.csv").write_text("\n".join([*lines, *extra]) + "\n")


def write_dicom(path, patient="P1", z=0.0, **elements):
    path.parent.mkdir(exist_ok=True)
    dataset = pydicom.Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.Modality, dataset.PatientID, dataset.PatientName = "CT", patient, "Doe^Jane"
    dataset.PatientBirthDate = "19600101"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2", "1.3"
    dataset.ImagePositionPatient, dataset.ImageOrientationPatient = [0, 0, z], [1, 0, 0, 0, 1, 0]
    dataset.Rows = dataset.Columns = 8
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 1
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    with pydicom.config.disable_value_validation():
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
    dataset.PixelData = np.full((8, 8), 1000, dtype=np.int16).tobytes()
    dataset.save_as(path, enforce_file_format=True)


@pytest.fixture
def exports(tmp_path):
    for seed, name in enumerate("abc"):
        save_noise(tmp_path / "images" / f"ID_{name}.png", seed)
    write_csv(tmp_path, {"ID_a": NORMAL, "ID_b": SUBDURAL, "ID_c": NORMAL})
    return tmp_path


def test_exports_have_labels_and_no_patient(exports):
    collection = read_rsna(exports)
    assert collection.rows == [
        {"image": "images/ID_a.png", "label": NORMAL},
        {"image": "images/ID_b.png", "label": SUBDURAL},
        {"image": "images/ID_c.png", "label": NORMAL},
    ]
    assert (collection.skipped, collection.notes) == ([], [])


def test_headers_give_what_a_row_holds_and_no_name(tmp_path):
    elements = {"PatientAge": "045Y", "PatientSex": "F", "Manufacturer": "GE"}
    write_dicom(tmp_path / "stage_2_train" / "ID_a.dcm", "P7", -12.5, **elements)
    write_csv(tmp_path, {"ID_a": SUBDURAL})
    (row,) = read_rsna(tmp_path).rows
    assert row == {
        "image": "stage_2_train/ID_a.dcm", "label": SUBDURAL, "patient": "P7", "study": "1.2", "series": "1.3",
        "position": -12.5, "age": 45.0, "sex": "F", "manufacturer": "GE",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "years"), [("006M", 0.5), ("010W", 0.19), ("003D", 0.01), ("095Y", 90.0), ("Y", None), ("", None)]
)
def test_ages_become_years(tmp_path, text, years):
    write_dicom(tmp_path / "stage_2_train" / "ID_a.dcm", PatientAge=text)
    write_csv(tmp_path, {"ID_a": NORMAL})
    assert read_rsna(tmp_path).rows[0].get("age") == years


def test_positions_grow_towards_superior_whatever_the_direction_of_the_axes(tmp_path):
    turned = {"ImageOrientationPatient": [-1, 0, 0, 0, 1, 0]}
    for name, z, elements in (("a", 5, {}), ("b", 10, turned)):
        write_dicom(tmp_path / "stage_2_train" / f"ID_{name}.dcm", z=z, **elements)
    write_csv(tmp_path, {"ID_a": NORMAL, "ID_b": NORMAL})
    assert [row["position"] for row in read_rsna(tmp_path).rows] == [5, 10]


@pytest.mark.parametrize("charset", ["ISO_IR 100", "ISO_IR 192", "ISO 2022 IR 87"])
def test_text_in_another_character_set_is_decoded(tmp_path, charset):
    manufacturer = "\u65e5\u7acb" if "87" in charset else "M\u00fcller"
    charsets = ["", charset] if "87" in charset else charset
    write_dicom(tmp_path / "stage_2_train" / "ID_a.dcm", SpecificCharacterSet=charsets, Manufacturer=manufacturer)
    write_csv(tmp_path, {"ID_a": NORMAL})
    assert read_rsna(tmp_path).rows[0]["manufacturer"] == manufacturer


def test_a_header_without_patient_or_position_leaves_them_out(tmp_path):
    write_dicom(tmp_path / "stage_2_train" / "ID_a.dcm", "", ImagePositionPatient=None)
    write_csv(tmp_path, {"ID_a": NORMAL})
    assert read_rsna(tmp_path).rows[0].keys() == {"image", "label", "study", "series"}


def test_every_image_that_is_left_out_is_listed_with_its_reason(tmp_path):
    folder = tmp_path / "stage_2_train"
    for name in ("ID_good", "ID_unlabelled", "ID_6431af929", "ID_cut", "ID_scout"):
        write_dicom(folder / f"{name}.dcm", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER" if "sc" in name else "AXIAL"])
    (folder / "ID_cut.dcm").write_bytes((folder / "ID_cut.dcm").read_bytes()[:-40])
    (folder / "ID_text.dcm").write_text("no DICOM")
    (folder / "notes.txt").write_text("notes")
    (folder / ".hidden").write_text("")
    save_noise(folder / "ID_good.png", 0)
    images = ("ID_good", "ID_6431af929", "ID_cut", "ID_scout", "ID_text", "ID_absent", "ID_torn")
    write_csv(tmp_path, dict.fromkeys(images, NORMAL), ["ID_torn_any,1"])
    collection = read_rsna(tmp_path)
    assert [row["image"] for row in collection.rows] == ["stage_2_train/ID_good.dcm"]
    reasons = {skip.image.removeprefix("stage_2_train/"): skip.reason for skip in collection.skipped}
    assert reasons.keys() == {
        "ID_6431af929.dcm", "ID_absent", "ID_cut.dcm", "ID_good.png", "ID_scout.dcm", "ID_text.dcm", "ID_torn",
        "ID_unlabelled.dcm", "notes.txt",
    }  # fmt: skip
    assert "known to be cut off" in reasons["ID_6431af929.dcm"]
    assert reasons["ID_absent"] == "stage_2_train has no image of it"
    assert reasons["ID_good.png"] == "is the same image as ID_good.dcm"
    assert "LOCALIZER" in reasons["ID_scout.dcm"]
    assert "is not a DICOM file" in reasons["ID_text.dcm"]
    assert reasons["ID_torn"] == "its rows for any contradict each other"
    assert reasons["ID_unlabelled.dcm"] == "has no row in stage_2_train.csv"
    assert not any(str(tmp_path) in reason for reason in reasons.values())


def test_a_folder_of_images_can_be_named_and_linked(exports):
    (exports / "images").rename(exports / "elsewhere")
    with pytest.raises(InputError, match="no folder stage_2_train or images"):
        read_rsna(exports)
    assert read_rsna(exports, "elsewhere").rows[0]["image"] == "elsewhere/ID_a.png"
    assert read_rsna(exports, exports / "elsewhere").rows[0]["image"] == "elsewhere/ID_a.png"
    (exports / "images").symlink_to(exports / "elsewhere")
    assert read_rsna(exports).rows[0]["image"] == "images/ID_a.png"


def test_images_outside_the_dataset_are_refused(exports, tmp_path_factory):
    with pytest.raises(InputError, match="are not inside"):
        read_rsna(exports, tmp_path_factory.mktemp("other"))


def test_no_image_in_the_csv_is_one_sentence(exports):
    write_csv(exports, {"ID_other": NORMAL})
    with pytest.raises(InputError, match=r"none of the images in .*images is in .*stage_2_train\.csv"):
        read_rsna(exports)


def test_a_missing_dataset_or_csv_is_one_sentence(exports):
    with pytest.raises(InputError, match="is no folder"):
        read_rsna(exports / "none")
    (exports / "stage_2_train.csv").unlink()
    with pytest.raises(InputError, match=r"stage_2_train\.csv does not exist"):
        read_rsna(exports)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "without ID"),
        ("ID,Value\n", "without Label"),
        ("ID,Label\nID_a_any,2\n", "line 2 has the Label '2' for ID_a_any"),
        ("ID,Label\nID_a_any,1\nID_a_stroke,1\n", "line 3 has the ID 'ID_a_stroke'"),
        ("ID,Label\nany,1\n", "line 2 has the ID 'any'"),
        ("ID,Label\n_any,1\n", "line 2 has the ID '_any'"),
        ("ID,Label\nID_a_any\n", "line 2 has 1 values, not 2"),
        ("ID,Label\nID_a_any,1,1\n", "line 2 has 3 values, not 2"),
    ],
)
def test_a_malformed_csv_is_one_sentence_with_the_line(tmp_path, text, said):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_rsna_labels(tmp_path / "t.csv")


@pytest.mark.parametrize("content", [b"ID,Label\n\xff\xfe", b"ID,Label\nID_a\0_any," + b"9" * 200_000])
def test_a_file_that_is_no_csv_is_one_sentence(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"t\.csv cannot be read as CSV"):
        read_rsna_labels(tmp_path / "t.csv")


def test_a_folder_in_place_of_the_csv_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be read as CSV"):
        read_rsna_labels(tmp_path)


def test_missing_and_empty_labels_are_unknown_unless_implied(tmp_path):
    rows = ["ID_a_epidural,0", "ID_a_any,", "ID_b_subdural,1", "ID_c_any,0"]
    write_csv(tmp_path, {}, rows)
    labels, skipped, notes = read_rsna_labels(tmp_path / "stage_2_train.csv")
    assert labels == {
        "ID_a": [0, None, None, None, None, None],
        "ID_b": [None, None, None, None, 1, 1],
        "ID_c": NORMAL,
    }
    assert skipped == []
    assert notes == ["3 images lack rows of some labels, which are unknown unless the other labels imply them"]


def test_rows_that_the_challenge_repeats_count_once(tmp_path):
    write_rsna_csv(tmp_path / "t.csv", images=30)
    labels, skipped, notes = read_rsna_labels(tmp_path / "t.csv")
    assert (len(labels), skipped) == (30, [])
    assert notes == ["24 rows of the CSV repeat another and were dropped"]


def test_repeated_rows_count_once_and_contradictions_leave_the_image_out(tmp_path):
    write_csv(
        tmp_path,
        {"ID_a": SUBDURAL, "ID_b": NORMAL, "ID_c": [1, 0, 0, 0, 0, 0]},
        ["ID_a_any,1", "ID_a_any,1.0", "ID_b_epidural,1", "", "ID_b_epidural,0"],
    )
    labels, skipped, notes = read_rsna_labels(tmp_path / "stage_2_train.csv")
    assert labels == {"ID_a": SUBDURAL}
    assert [skip.image for skip in skipped] == ["ID_b", "ID_c"]
    assert "the label any is 0, but the subtypes say 1" in skipped[1].reason
    assert notes == ["3 rows of the CSV repeat another and were dropped"]


def test_extra_columns_another_order_and_a_byte_order_mark_do_no_harm(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfLabel,note,ID\r\n1,x,ID_a_b_any\r\n")
    assert read_rsna_labels(tmp_path / "t.csv")[0] == {"ID_a_b": [None] * 5 + [1]}


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"ID_[0-9a-f]{9}", fullmatch=True), st.lists(st.booleans(), min_size=5, max_size=5), min_size=1
    ),
    st.randoms(use_true_random=False),
)
def test_the_label_of_an_image_does_not_depend_on_the_order_of_rows(tmp_path_factory, subtypes, random):
    labels = {image: [*map(int, values), int(any(values))] for image, values in subtypes.items()}
    rows = [(f"{image}_{name}", value) for image, label in labels.items() for name, value in zip(LABELS, label)]  # noqa: B905
    random.shuffle(rows)
    path = tmp_path_factory.getbasetemp() / "shuffled.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("ID", "Label"), *rows])
    assert read_rsna_labels(path) == (labels, [], [])


def test_the_module_is_silent_about_odd_uids(tmp_path, capfd):
    write_dicom(tmp_path / "stage_2_train" / "ID_a.dcm", "P1")
    path = tmp_path / "stage_2_train" / "ID_a.dcm"
    path.write_bytes(path.read_bytes().replace(b"1.3\0", b"ID_a"))
    write_csv(tmp_path, {"ID_a": NORMAL})
    assert read_rsna(tmp_path).rows[0]["series"] == "ID_a"
    assert capfd.readouterr().err == ""


def test_masks_beside_the_images_come_with_what_their_values_mean(exports):
    assert "mask_values" not in build_datalist(read_rsna(exports), exports, fractions=(1, 0, 0))
    (exports / "masks").mkdir()
    Image.fromarray(np.full((64, 64), max(MASK_VALUES), np.uint8)).save(exports / "masks" / "ID_b.png")
    content = build_datalist(read_rsna(exports), exports, fractions=(1, 0, 0))
    assert [row.get("mask") for row in content["training"]] == [None, "masks/ID_b.png", None]
    assert content["mask_values"] == {"1": "brain", **{str(k): name for k, name in enumerate(SUBTYPES, start=2)}}
    assert {BRAIN: "brain"} | {FIRST_BLEED + k: name for k, name in enumerate(SUBTYPES)} == MASK_VALUES, "as phantoms"
