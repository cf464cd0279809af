"""What went wrong with other people's inputs, beside one good slice: each costs itself alone, and is named."""

import csv
import os
import resource
import sys

import nibabel
import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless, SecondaryCaptureImageStorage, generate_uid

from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom
from tests.readers.test_limits import write_png

INFERENCE = ("monai.bundle", "run", "--config_file", "configs/inference.json", "--image_size", "64")
GOOD = "good/slice.dcm"
MAX_MEMORY = 3 * 2**30
"""Bytes of the largest process of an inference; one bomb alone would take more."""


def ct(**elements):
    """Return a CT slice of a study and a series of its own."""
    uids = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    return make_dicom(head_hu(64), **uids | elements)


def write_good(root):
    return write_dicom(root / GOOD, ct(SOPInstanceUID="1.2.3"))


def write_damaged(root):
    """Write a series in RLE of which the first, the third and the last slice lack half of their frame."""
    series = generate_uid()
    for index in range(6):
        dataset = ct(SeriesInstanceUID=series, ImagePositionPatient=[0, 0, 5 * index], SOPInstanceUID=generate_uid())
        dataset.compress(RLELossless, generate_instance_uid=False)
        if index in (0, 2, 5):
            frame = dataset.PixelData[8 + 8 : -8]
            dataset.PixelData = encapsulate([frame[: len(frame) // 4 * 2]])
        write_dicom(root / "damaged" / f"{index}.dcm", dataset)
    return {f"damaged/{index}.dcm": "cannot be decoded" for index in (0, 2, 5)}


def write_odd_names(root):
    """Write slices whose names break file systems, tables or spreadsheets; all of them can be scored."""
    deep = "/".join(f"{level}" * 60 for level in range(1, 5))
    for name in (os.fsdecode(b"names/M\xfcller.dcm"), f"{deep}/a.dcm", "names/=1+1.dcm", "a/b.dcm", "a_b.dcm"):
        write_dicom(root / name, ct())


def write_no_files(root):
    (root / "loop").mkdir()
    (root / "loop" / "again").symlink_to(root)
    (root / "dangling.dcm").symlink_to(root / "nowhere")
    os.mkfifo(root / "pipe")
    return {"dangling.dcm": "leads nowhere", "pipe": "named pipe"}


def write_other_kinds(root):
    """Write what is sound and no axial head CT in HU; return image → kind of what is left out."""
    write_dicom(root / "scout.dcm", ct(SOPClassUID=SecondaryCaptureImageStorage, ImageType=["DERIVED", "SECONDARY"]))
    write_dicom(root / "flow.dcm", ct(ImageType=["DERIVED", "PRIMARY", "PERFUSION", "CBF"]))
    write_dicom(root / "coronal.dcm", ct(ImageOrientationPatient=[1, 0, 0, 0, 0, -1]))
    report = ct(Modality="SR", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.67")
    for keyword in ("PixelData", "Rows", "Columns"):
        del report[keyword]
    write_dicom(root / "report.dcm", report)
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(root / "black.png")
    alpha = np.zeros((64, 64, 4), np.uint8)
    alpha[..., 3] = np.random.default_rng(0).integers(0, 255, (64, 64))
    Image.fromarray(alpha).save(root / "alpha.png")
    regions = np.zeros((32, 32, 4), np.uint8)
    regions[8:20, 8:20] = 3
    nibabel.save(nibabel.Nifti1Image(regions, np.diag([-1, -1, 5, 1])), root / "regions.nii.gz")
    return {
        "scout.dcm": "secondary capture",
        "flow.dcm": "perfusion map",
        "coronal.dcm": "not axial",
        "report.dcm": "no image",
        "black.png": "empty",
        "alpha.png": "empty",
        "regions.nii.gz": "label map",
    }


def write_cautions(root):
    """Write what is scored and always referred; return image → kind."""
    write_dicom(root / "bone.dcm", ct(ConvolutionKernel="H60s"))
    write_dicom(root / "mr.dcm", ct(Modality="MR", RescaleIntercept=0))
    volume = np.stack([head_hu(64)] * 3, axis=-1).astype(np.int16)
    volume = volume + np.random.default_rng(0).integers(0, 6, volume.shape, dtype=np.int16)
    nibabel.save(nibabel.Nifti1Image((volume + 1024).astype(np.uint16), np.diag([-1, -1, 5, 1])), root / "plus.nii.gz")
    return {"bone.dcm": "bone kernel", "mr.dcm": "MR", "plus.nii.gz": "shifted CT"}


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes and links as POSIX has them")
def test_each_costs_itself_alone_and_is_named(trained, command, tmp_path):
    alone, tree = tmp_path / "alone", tmp_path / "tree"
    for root in (alone, tree):
        write_good(root)
    failed = write_damaged(tree) | write_no_files(tree)
    write_odd_names(tree)
    left_out, cautions = write_other_kinds(tree), write_cautions(tree)
    write_png(tree / "bomb.png", 13_000)
    failed["bomb.png"] = "169,000,000 pixels"
    found = {}
    for root, status in ((alone, 0), (tree, 2)):
        output = root.with_suffix(".out")
        done = command(*INFERENCE, "--input", root, "--output_dir", output, "--overlays", 1, cwd=trained)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        found[root] = {row["image"]: row for row in rows(output / "slices.csv")}
    good_alone, good = found[alone][GOOD], found[tree][GOOD]
    assert {name: good[name] for name in good_alone if name != "overlay"} == {
        name: value for name, value in good_alone.items() if name != "overlay"
    }
    output = tree.with_suffix(".out")
    reasons = {row["image"]: row["reason"] for row in rows(output / "failed.csv")}
    assert reasons.keys() == failed.keys()
    assert all(part in reasons[name] for name, part in failed.items())
    assert {row["image"]: row["kind"] for row in rows(output / "left_out.csv")} == left_out
    for name, kind in cautions.items():
        assert found[tree][name]["refer"] == "True" and found[tree][name]["refer_reason"].startswith(kind), name
    assert {"names/M\\xfcller.dcm", "names/=1+1.dcm", "a/b.dcm", "a_b.dcm"} < found[tree].keys()
    assert len({row["overlay"] for row in found[tree].values() if row["overlay"]}) == len(
        list((output / "overlays").iterdir())
    )
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < MAX_MEMORY
