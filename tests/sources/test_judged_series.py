"""What inference makes of odd files, by header and pixels; the kinds themselves are tested with the gate."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from bundle.heads import coverage
from bundle.sources import middle_slices
from bundle.sources.unlabelled import find_images
from tests.gate.test_pixel_rules import AFFINE, alpha_only, picture
from tests.readers.dicom_examples import SERIES, head_hu, make_dicom, write_dicom
from tests.readers.test_voxel_unit import head


def write_stack(folder, count=18, step=8.0, name="IM", hu=None, **elements):
    for index in range(count):
        place = {"ImagePositionPatient": [0, 0, step * index]}
        pixels = head_hu(16) if hu is None else hu
        write_dicom(folder / f"{name}{index}.dcm", make_dicom(pixels, **(place | elements)))


def found(path, **options):
    """Return the series that are scored, and what is left out, by series and part."""
    rows, rejected = find_images(path, **options)
    scored = {}
    for row in rows:
        scored.setdefault((row["series"], row["part"]), []).append(row)
    return scored, {(entry["series"], entry["part"]): entry for entry in rejected}


def test_of_two_reconstructions_under_one_series_the_soft_one_is_read(tmp_path):
    write_stack(tmp_path, ConvolutionKernel="H31s", SeriesInstanceUID="1.2.3")
    write_stack(tmp_path, name="B", ConvolutionKernel="H60s", SeriesInstanceUID="1.2.3")
    scored, left_out = found(tmp_path)
    assert [(key, len(rows)) for key, rows in scored.items()] == [(("1.2.3", "kernel H31s"), 18)]
    bone = left_out["1.2.3", "kernel H60s"]
    assert (bone["kind"], bone["slices"], bone["kernel"]) == ("bone kernel", 18, "H60s")
    assert bone["reason"] == (
        "its kernel is one for bone (H60s), and it is less plain than 1.2.3 kernel H31s (18 slices of 5 mm), "
        "which was chosen"
    )
    scored, left_out = found(tmp_path, all_series=True)
    assert {key: rows[0]["outcome"] for key, rows in scored.items()} == {
        ("1.2.3", "kernel H31s"): "scored",
        ("1.2.3", "kernel H60s"): "scored with a caution",
    }
    assert left_out == {}


def test_two_patients_and_two_time_points_under_one_series_are_series_of_their_own(tmp_path):
    for patient in ("Ann", "Bob"):
        write_stack(tmp_path / "patients", 3, name=patient, PatientID=patient, SeriesInstanceUID="1.2.3")
    for time in (1, 2):
        write_stack(tmp_path / "times", 3, name=str(time), TemporalPositionIdentifier=time, SeriesInstanceUID="1.2.4")
    scored, left_out = found(tmp_path)
    assert {key: len(rows) for key, rows in scored.items()} == {
        ("1.2.3", "patient 1"): 3,
        ("1.2.3", "patient 2"): 3,
        ("1.2.4", "time point 1"): 3,
        ("1.2.4", "time point 2"): 3,
    }
    assert left_out == {}


def test_a_scout_within_a_series_is_left_out_and_the_series_is_read(tmp_path):
    write_stack(tmp_path, SeriesInstanceUID="1.2.3")
    write_stack(tmp_path, 1, name="S", SeriesInstanceUID="1.2.3", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    scored, left_out = found(tmp_path)
    assert [(part, len(rows)) for (_, part), rows in scored.items()] == [("head CT", 18)]
    assert left_out["1.2.3", "scout"]["reason"] == "its ImageType says LOCALIZER"


def test_contrast_is_read_with_a_caution_where_there_is_nothing_plain(tmp_path):
    write_stack(tmp_path / "c", SeriesInstanceUID="1.2.3", SeriesDescription="HEAD C+")
    scored, _ = found(tmp_path)
    assert {row["kind"] for row in scored["1.2.3", ""]} == {"contrast"}
    write_stack(tmp_path / "plain", SeriesInstanceUID="1.2.4", SeriesDescription="HEAD")
    scored, left_out = found(tmp_path)
    assert list(scored) == [("1.2.4", "")]
    assert left_out["1.2.3", ""]["reason"].startswith("its name says contrast (c plus), and it is less plain than HEAD")


def test_all_mr_of_a_study_is_read_with_a_caution(tmp_path):
    for uid in ("1.2.3", "1.2.4"):
        write_stack(tmp_path / uid, 3, SeriesInstanceUID=uid, Modality="MR")
    scored, left_out = found(tmp_path)
    assert {(row["modality"], row["outcome"]) for rows in scored.values() for row in rows} == {
        ("MR", "scored with a caution")
    }
    assert len(scored) == 2 and left_out == {}


@pytest.mark.parametrize("hu", [head_hu(16) - 1024, head_hu(16).clip(0, 80) * 3 - 1024, head_hu(16).clip(0, 80) * 3])
def test_a_series_that_only_says_that_it_is_in_hu_is_of_unknown_unit(tmp_path, hu):
    write_stack(tmp_path, hu=hu)
    scored, _ = found(tmp_path)
    assert {(row["kind"], row["outcome"]) for row in scored[SERIES, ""]} == {("unknown unit", "scored with a caution")}


def test_a_series_that_shows_nothing_is_not_chosen_though_it_is_thinner(tmp_path):
    write_stack(tmp_path / "good", SeriesInstanceUID="1.2.3", SeriesDescription="HEAD")
    black = np.full((16, 16), -1024)
    write_stack(tmp_path / "black", hu=black, SeriesInstanceUID="1.2.4", SliceThickness=1)
    scored, left_out = found(tmp_path)
    assert list(scored) == [("1.2.3", "")] and left_out["1.2.4", ""]["kind"] == "unknown unit"


def test_a_series_that_cannot_be_read_is_not_chosen_though_it_is_thinner(tmp_path):
    write_stack(tmp_path / "thin", SeriesInstanceUID="1.2.4", SliceThickness=1, RescaleSlope=0)
    scored, left_out = found(tmp_path)
    broken = "none of the slices in its middle can be read: one has a RescaleSlope of 0, which leaves no image"
    assert {(row["outcome"], row["reason"]) for row in scored["1.2.4", ""]} == {("scored with a caution", broken)}
    write_stack(tmp_path / "thick", SeriesInstanceUID="1.2.3", SeriesDescription="HEAD")
    scored, left_out = found(tmp_path)
    assert list(scored) == [("1.2.3", "")]
    assert left_out["1.2.4", ""]["reason"] == (
        f"{broken}, and it is less plain than HEAD (18 slices of 5 mm), which was chosen"
    )


def test_a_series_of_which_a_slice_in_the_middle_can_be_read_is_not_broken(tmp_path):
    write_stack(tmp_path, RescaleSlope=0)
    slice_ = make_dicom(head_hu(16), ImagePositionPatient=[0, 0, 8.0 * 8])
    write_dicom(tmp_path / "IM8.dcm", slice_)
    scored, _ = found(tmp_path)
    assert {row["outcome"] for rows in scored.values() for row in rows} == {"scored"}


@pytest.mark.parametrize("shows", ["all of it", "the middle"])
def test_a_series_in_hu_may_show_nothing_at_its_ends(tmp_path, shows):
    write_stack(tmp_path)
    for index in range(18) if shows == "the middle" else ():
        if not 6 <= index < 9:
            vertex = make_dicom(np.full((16, 16), -1000), ImagePositionPatient=[0, 0, 8.0 * index])
            write_dicom(tmp_path / f"IM{index}.dcm", vertex)
    scored, _ = found(tmp_path)
    assert {row["kind"] for row in scored[SERIES, ""]} == {"head CT"}


@pytest.fixture
def files(tmp_path):
    for name, volume in (("hu", head()), ("plus", head() + 1024), ("labels", np.where(head() > 60, 1, 0))):
        nib.save(
            nib.Nifti1Image(volume.astype(np.uint16 if name == "plus" else np.int16), AFFINE), tmp_path / f"{name}.nii"
        )
    Image.fromarray(picture()).save(tmp_path / "good.png")
    Image.new("L", (64, 64)).save(tmp_path / "black.png")
    Image.new("L", (64, 64), 9).save(tmp_path / "grey.png")
    alpha_only().save(tmp_path / "alpha.png")
    Image.fromarray(picture().astype(np.uint16) * 9).save(tmp_path / "deep.png")
    return tmp_path


def test_files_without_a_header_are_judged_one_by_one(files):
    rows, rejected = find_images(files)
    assert {Path(row["image"]).name: (row["kind"], row["unit"], row["part"]) for row in rows} == {
        "hu.nii": ("head CT", "HU", ""),
        "plus.nii": ("shifted CT", "HU + 1024", ""),
        "good.png": ("picture", "display", "picture"),
        "deep.png": ("unknown unit", "arbitrary", "unknown unit"),
    }
    assert {Path(entry["image"]).name: (entry["kind"], entry["slices"]) for entry in rejected} == {
        "labels.nii": ("label map", 8),
        "black.png": ("empty", 1),
        "grey.png": ("empty", 1),
        "alpha.png": ("empty", 1),
    }


def test_all_series_that_may_be_routine_are_looked_at():
    assert middle_slices.LEAST_SLICES == coverage.LEAST_SLICES
