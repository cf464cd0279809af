import shutil
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest

from bundle.datalist import SECTIONS, Skipped, build_datalist, split_rows
from bundle.errors import InputError
from bundle.labels import label_of_slices
from bundle.parallel.journal import keep_results
from bundle.sources import read_heads
from tests.datalist.examples import NORMAL, SUBDURAL, row
from tests.sources.cq500_layout import write_series

UNKNOWN = [None] * 6
SCANS = "CQ500CT{0} CQ500CT{0}/Unknown Study"


@pytest.fixture
def hospital(tmp_path):
    """Three scans: a normal and a bleeding one of DICOM, each of a thick and a thin series, and a volume."""
    for number in range(2):
        write_series(tmp_path, number, "CT 5mm")
        write_series(tmp_path, number, "CT THIN", slices=40, thickness=2)
    write_series(tmp_path, 0, "CT scout", slices=1, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    voxels = np.random.default_rng(0).integers(0, 60, (8, 8, 20)).astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([20, 20, 5, 1])), tmp_path / "head.nii.gz")
    return tmp_path


def write_table(root, *lines, header="image,any,subdural"):
    (root / "heads.csv").write_text("\n".join([header, *lines]) + "\n")
    return root / "heads.csv"


def test_a_head_labels_its_slices_where_it_has_no_bleed(hospital):
    table = write_table(hospital, f"{SCANS.format(0)},0,", f"{SCANS.format(1)},1,1", "head.nii.gz,no,no")
    collection = read_heads(hospital, table)
    labels = {row["image"].split("/")[0]: (row["label"], row["study_label"], row["series"]) for row in collection.rows}
    assert labels == {
        "CQ500CT0 CQ500CT0": (NORMAL, NORMAL, "1.2.0.2"),
        "CQ500CT1 CQ500CT1": (UNKNOWN, [None] * 4 + [1, 1], "1.2.1.2"),
        "head.nii.gz": (NORMAL, NORMAL, "head.nii.gz"),
    }
    assert len(collection.rows) == 40 + 40 + 20
    assert [row["position"] for row in collection.rows if "slice" in row and row["image"] == "head.nii.gz"] == [
        5.0 * index for index in range(20)
    ]
    assert collection.notes == [
        "3 heads: 1 with a hemorrhage, whose slices have no label of their own, 2 without, and 0 of which neither is "
        "known; they calibrate and test verdicts on heads (--fractions 0,1,0 or 0,0,1), and teach the network nothing"
    ]


def test_one_series_is_taken_and_why_not_the_others_is_told(hospital):
    collection = read_heads(hospital, write_table(hospital, f"{SCANS.format(0)},0,0"))
    assert {Path(row["image"]).parent.name for row in collection.rows} == {"CT THIN"}
    assert {Path(skip.image).parent.name for skip in collection.skipped} == {"CT 5mm", "CT scout"}
    assert not any(str(hospital) in skip.reason for skip in collection.skipped)


def test_patients_are_hashes_and_the_table_knows_better_than_the_header(hospital):
    header = read_heads(hospital, write_table(hospital, f"{SCANS.format(0)},0,0")).rows[0]
    assert header["patient"] and "CQ500" not in header["patient"]
    table = write_table(hospital, f"{SCANS.format(0)},normal,Ann,61", header="Head,Read,Name,Age")
    row = read_heads(hospital, table, {"image": "Head", "patient": "Name"}, classes="Read").rows[0]
    assert row["age"] == 61 and row["patient"] not in ("Ann", header["patient"]) and row["study_label"] == NORMAL


def test_a_datalist_is_made_of_them_while_results_are_kept(hospital):
    table = write_table(hospital, f"{SCANS.format(0)},0,0", "head.nii.gz,1,1")
    with keep_results(hospital / "kept.jsonl", "1"):
        collection = read_heads(hospital, table)
        content = build_datalist(collection, hospital, (0, 0, 1))
    assert content["counts"]["test"]["slices"] == 60
    assert {tuple(row["study_label"]) for row in content["test"]} == {tuple(NORMAL), (None, None, None, None, 1, 1)}


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("absent", "does not exist"),
        ("x" * 300, "cannot be read (File name too long)"),
        ("empty", "holds no DICOM"),
        ("CQ500CT0 CQ500CT0/Unknown Study/CT scout", "has no series that can be scored"),
        ("two", "has 2 series that are scored"),
    ],
)
def test_a_head_that_cannot_be_read_is_skipped_and_the_others_are_not(hospital, head, reason):
    (hospital / "empty").mkdir()
    (hospital / "two").mkdir()
    for number in range(2):
        (hospital / "two" / str(number)).symlink_to(hospital / SCANS.format(number) / "CT THIN")
    collection = read_heads(hospital, write_table(hospital, f"{head},0,0", "head.nii.gz,0,0"))
    assert {row["image"] for row in collection.rows} == {"head.nii.gz"}
    (why,) = (skip.reason for skip in collection.skipped if skip.image == head)
    assert reason in why


@pytest.mark.parametrize(
    ("one", "other"), [(SCANS.format(0), f"{SCANS.format(0)}/CT THIN"), ("volume/head.nii.gz", "volume")]
)
def test_the_same_head_twice_is_one_and_none_where_the_labels_contradict(hospital, one, other):
    (hospital / "volume").mkdir()
    (hospital / "head.nii.gz").rename(hospital / "volume" / "head.nii.gz")
    alone = read_heads(hospital, write_table(hospital, f"{one},0,0"))
    twice = read_heads(hospital, write_table(hospital, f"{one},0,0", f"{other},0,0"))
    assert twice.rows == alone.rows
    assert twice.skipped[-1] == Skipped(other, f"has the images of {one}")
    neither = read_heads(hospital, write_table(hospital, f"{one},0,0", f"{other},1,0"))
    assert neither.rows == []
    assert neither.skipped[-2:] == [
        Skipped(one, f"has the images of {other}, and their labels contradict"),
        Skipped(other, f"has the images of {one}, and their labels contradict"),
    ]


def test_a_copy_of_a_head_that_contradicts_it_leaves_neither(hospital):
    shutil.copy(hospital / "head.nii.gz", hospital / "copy.nii.gz")
    for label, kept in (("0", 20), ("1", 0)):
        collection = read_heads(
            hospital, write_table(hospital, "head.nii.gz,0,0", f"copy.nii.gz,{label},0", f"{SCANS.format(0)},0,0")
        )
        content = build_datalist(collection, hospital, (0, 0, 1))
        assert sum("nii" in row["image"] for row in content["test"]) == kept


def test_heads_of_one_study_are_one_patient_and_others_are_heads_of_their_own(hospital):
    for number in range(2):
        write_series(hospital, 7, f"CT {number}", PatientID=None, StudyInstanceUID="1.2.99")
    shutil.copy(hospital / "head.nii.gz", hospital / "later.nii.gz")
    heads = ["head.nii.gz", "later.nii.gz", *(f"{SCANS.format(7)}/CT {number}" for number in range(2))]
    collection = read_heads(hospital, write_table(hospital, *(f"{head},0,0" for head in heads)))
    of_series = {row["series"]: (row["patient"], row["study"]) for row in collection.rows}
    assert len(of_series) == 4
    assert [of_series[head] for head in heads[:2]] == [(head, head) for head in heads[:2]]
    assert {of_series[series] for series in of_series.keys() - set(heads)} == {("1.2.99", "1.2.99")}


def test_a_slice_without_a_position_has_none(hospital):
    folder = write_series(hospital, 8, "CT", thickness=5)
    path = folder / "CT000005.dcm"
    dicom = pydicom.dcmread(path)
    del dicom.ImagePositionPatient
    dicom.save_as(path)
    rows = read_heads(hospital, write_table(hospital, f"{SCANS.format(8)},0,0")).rows
    assert [row.get("position") for row in rows if row["image"].endswith(path.name)] == [None]
    assert sorted(row["position"] for row in rows if "position" in row) == [5.0 * k for k in range(16) if k != 5]


def test_a_split_has_bleeding_heads_in_every_section(hospital):
    rows = []
    for number in range(60):
        label = [None] * 5 + [1] if number % 5 < 2 else NORMAL
        rows += [
            row(f"{number}-{k}.png", label_of_slices(label), f"P{number}", study_label=label)
            for k in range(number % 7 + 1)
        ]
    for seed in range(5):
        sections = split_rows(rows, (0, 0.5, 0.5), seed)
        bleeding = [len({each["patient"] for each in sections[name] if each["label"][-1] is None}) for name in SECTIONS]
        assert bleeding[0] == 0 and min(bleeding[1:]) >= 10


def test_a_table_of_slices_is_refused(hospital):
    table = write_table(hospital, "head.nii.gz,3,1,1", header="image,slice,any,subdural")
    with pytest.raises(InputError, match=r"heads\.csv has the column 'slice' for slices.*; read it with the command"):
        read_heads(hospital, table)


def test_subdural_is_any(hospital):
    assert read_heads(hospital, write_table(hospital, "head.nii.gz,,1")).rows[0]["study_label"][-2:] == SUBDURAL[-2:]
