"""What lies in a data set's folder besides images costs nothing but a line in the list of what was skipped."""

import os
import sys

import pytest

from bundle.sources import read_cq500, read_ct_ich, read_image_folder, read_rsna, read_segmentation_masks
from bundle.sources.tree import find_files
from tests.datalist.examples import NORMAL, save_noise
from tests.sources.cq500_layout import reads_row, write_reads, write_series
from tests.sources.ct_ich_layout import write_pictures, write_volumes
from tests.sources.masks_layout import write_bhsd
from tests.sources.test_rsna import write_csv
from tests.sources.test_rsna import write_dicom as write_rsna

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="named pipes and links as POSIX has them")


def add_hostile(folder, suffix):
    """Add a named pipe, a link that leads nowhere and an endless device, all named as images; return their names."""
    os.mkfifo(folder / f"pipe{suffix}")
    (folder / f"dangling{suffix}").symlink_to(folder / "nowhere")
    (folder / f"zero{suffix}").symlink_to("/dev/zero")
    return {folder / f"{name}{suffix}" for name in ("pipe", "dangling", "zero")}


def check_named(hostile, collection, root):
    skipped = dict(collection.skipped)
    for path in hostile:
        said = "leads nowhere" if path.name.startswith("dangling") else "named pipe, a socket or a device"
        assert said in skipped[path.relative_to(root).as_posix()]


def test_folders_of_classes_follow_a_link_once(tmp_path):
    root = tmp_path / "root"
    save_noise(root / "normal" / "Ann" / "1.png", 1)
    save_noise(tmp_path / "elsewhere" / "2.png", 2)
    (root / "normal" / "Bo").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "loop").symlink_to(root / "normal")
    hostile = add_hostile(root / "normal", ".png")
    collection = read_image_folder(root)
    assert [row["image"] for row in collection.rows] == ["normal/Ann/1.png", "normal/Bo/2.png"]
    assert len(collection.skipped) == 3
    check_named(hostile, collection, root)


def test_rsna(tmp_path):
    write_csv(tmp_path, {"ID_a": NORMAL, "pipe": NORMAL, "dangling": NORMAL, "zero": NORMAL})
    (tmp_path / "stage_2_train" / "folder.dcm").mkdir(parents=True)
    write_rsna(tmp_path / "stage_2_train" / "ID_a.dcm", "1")
    hostile = add_hostile(tmp_path / "stage_2_train", ".dcm")
    collection = read_rsna(tmp_path)
    assert [row["image"] for row in collection.rows] == ["stage_2_train/ID_a.dcm"]
    check_named(hostile, collection, tmp_path)
    assert dict(collection.skipped)["stage_2_train/folder.dcm"] == "is a folder, which is not searched"


def test_cq500_names_what_lies_beside_the_slices_of_the_chosen_series(tmp_path):
    root = tmp_path / "root"
    write_reads(root, [reads_row(0)])
    folder = write_series(tmp_path, 0, "CT Plain", slices=16)
    (root / "part").symlink_to(tmp_path / "CQ500CT0 CQ500CT0")
    (root / "part").rename(root / "CQ500CT0 CQ500CT0")
    (folder / "notes.txt").write_text("")
    add_hostile(folder, ".dcm")
    collection = read_cq500(root)
    inside = root / "CQ500CT0 CQ500CT0" / "Unknown Study" / "CT Plain"
    assert len(collection.rows) == 16
    assert dict(collection.skipped)[(inside / "notes.txt").relative_to(root).as_posix()] == "is no DICOM file"
    check_named({inside / f"{name}.dcm" for name in ("pipe", "dangling", "zero")}, collection, root)
    assert len(collection.skipped) == 4


@pytest.mark.parametrize(
    ("write", "read", "folder", "suffix"),
    [
        (write_volumes, read_ct_ich, "ct_scans", ".nii"),
        (write_pictures, read_ct_ich, "Patients_CT/050/brain", ".jpg"),
        (write_bhsd, read_segmentation_masks, "images", ".nii.gz"),
    ],
)
def test_sets_with_masks(tmp_path, write, read, folder, suffix):
    write(tmp_path)
    before = read(tmp_path)
    hostile = add_hostile(tmp_path / folder, suffix)
    collection = read(tmp_path)
    assert collection.rows == before.rows
    assert len(collection.skipped) == len(before.skipped) + 3
    check_named(hostile, collection, tmp_path)


def test_the_files_of_one_folder_and_of_all_below(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("1", "a/2", "a/b/3"):
        (tmp_path / name).touch()
    found = {}
    for depth in (0, 1, None):
        skipped = []
        files = find_files(tmp_path, tmp_path, skipped, depth)
        found[depth] = [file.name for file in files], [skip.image for skip in skipped]
    assert found == {0: (["1"], ["a"]), 1: (["1", "2"], ["a/b"]), None: (["1", "2", "3"], [])}
