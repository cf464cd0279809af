from pathlib import Path

import nibabel
import numpy as np
import pytest

from bundle.datalist import build_datalist
from bundle.errors import InputError
from bundle.parallel.journal import keep_results
from bundle.sources import read_heads
from tests.datalist.examples import NORMAL, SUBDURAL
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
        "1 heads have no patient; each counts as a patient of its own",
        "the slices of 1 of 3 heads have no label of their own, for a hemorrhage is in some of them: these heads "
        "calibrate and test verdicts, and teach the network nothing",
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


def test_the_same_head_twice_is_one(hospital):
    thin = f"{SCANS.format(0)}/CT THIN"
    collection = read_heads(hospital, write_table(hospital, f"{SCANS.format(0)},0,0", f"{thin},0,0"))
    assert len(collection.rows) == 40
    assert collection.skipped[-1].reason.startswith(f"holds the series of {SCANS.format(0)}")


def test_a_table_of_slices_is_refused(hospital):
    table = write_table(hospital, "head.nii.gz,3,1,1", header="image,slice,any,subdural")
    with pytest.raises(InputError, match=r"heads\.csv has the column 'slice' for slices.*; read it with the command"):
        read_heads(hospital, table)


def test_subdural_is_any(hospital):
    assert read_heads(hospital, write_table(hospital, "head.nii.gz,,1")).rows[0]["study_label"][-2:] == SUBDURAL[-2:]
