from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.uid import JPEG2000Lossless

from bundle.errors import InputError
from bundle.gate import COLUMNS
from bundle.readers import HeadImageReader
from bundle.readers.dicom_values import TAGS
from bundle.sources.unlabelled import find_images
from tests.readers.dicom_examples import SERIES, STUDY, head_hu, make_dicom, write_dicom

KEYS = {"image", "study", "series", "sop", "position", "age", "sex", "part", *COLUMNS}


def write_slice(path, z=0.0, **elements):
    return write_dicom(path, make_dicom(head_hu(16), ImagePositionPatient=[0, 0, z], **elements))


def write_png(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(path)


def write_volume(path, depth=3):
    affine = np.array([[0, -1, 0, 0], [0, 0, 2, 0], [5, 0, 0, -10], [0, 0, 0, 1.0]])  # the first axis is the height
    nib.save(nib.Nifti1Image(np.arange(depth * 48, dtype=np.int16).reshape(depth, 8, 6) * 9, affine), path)


def test_one_dicom_file(tmp_path):
    path = write_slice(tmp_path / "a", 12.5, SOPInstanceUID="1.2.3.4")
    rows, rejected = find_images(path)
    assert rows == [
        {
            "image": str(path),
            "study": STUDY,
            "series": SERIES,
            "sop": "1.2.3.4",
            "position": 12.5,
            "age": None,
            "sex": "",
            "part": "",
            **dict.fromkeys(("description", "kernel", "reason"), ""),
            "modality": "CT",
            "thickness": 5.0,
            "spacing": None,
            "orientation": "axial",
            "unit": "HU",
            "kind": "head CT",
            "outcome": "scored",
        }
    ]
    assert rejected == []


@settings(derandomize=True, max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(-500, 500).map(lambda z: round(z, 2)), min_size=1, max_size=6))
def test_series_are_sorted_by_position_and_kept_apart(tmp_path_factory, positions):
    folder = tmp_path_factory.mktemp("study")
    for number, z in enumerate(positions):
        write_slice(folder / f"IM{number}", z, SeriesInstanceUID=f"1.2.{number % 2}")
    rows, rejected = find_images(folder, all_series=True)
    assert rejected == []
    assert len(rows) == len(positions)  # two slices at one position are both kept
    assert [row["series"] for row in rows] == sorted(row["series"] for row in rows)
    for series in ("1.2.0", "1.2.1"):
        found = [row["position"] for row in rows if row["series"] == series]
        np.testing.assert_allclose(found, sorted(positions[int(series[-1]) :: 2]), atol=1e-6)


def test_folder_tree_of_everything(tmp_path):
    write_slice(tmp_path / "ct" / "IM1", 5)
    write_slice(tmp_path / "ct" / "IM2.dcm", 0)
    write_slice(tmp_path / "ct" / "1.2.840.99", 2.5)
    write_png(tmp_path / "pictures" / "10.png")
    write_png(tmp_path / "pictures" / "9.PNG")
    write_volume(tmp_path / "b.nii.gz")
    write_png(tmp_path / ".thumbnails" / "a.png")
    write_png(tmp_path / ".hidden.png")
    for name in ("notes.txt", "table.csv", "README", "empty"):
        (tmp_path / name).write_text("")
    (tmp_path / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    rows, rejected = find_images(tmp_path)
    others = dict.fromkeys(("README", "empty", "notes.txt", "table.csv"), "it is no DICOM, NIfTI, PNG or JPEG file")
    assert {Path(each["image"]).name: each["reason"] for each in rejected} == {
        **others,
        "DICOMDIR": "it is an index of DICOM files",
    }
    assert {(each["kind"], each["outcome"], each["slices"]) for each in rejected} == {("no image", "left out", 1)}
    assert [Path(row["image"]).name for row in rows] == [
        *["b.nii.gz"] * 3,
        *("IM2.dcm", "1.2.840.99", "IM1"),
        *("9.PNG", "10.png"),
    ]
    assert all(set(row) - {"slice"} == KEYS and Path(row["image"]).is_absolute() for row in rows)
    assert [row["series"] for row in rows[-2:]] == ["pictures"] * 2
    assert [(row["slice"], row["position"], row["series"]) for row in rows[:3]] == [
        (0, -10, "b.nii.gz"), (1, -5, "b.nii.gz"), (2, 0, "b.nii.gz"),
    ]  # fmt: skip
    assert all("slice" not in row for row in rows[3:])


def test_rows_can_be_read(tmp_path):
    write_volume(tmp_path / "b.nii", depth=4)
    rows, _ = find_images(tmp_path / "b.nii")
    reader = HeadImageReader()
    array, meta = reader.get_data(reader.read(rows[-1]["image"]))
    assert array.shape == (6, 8, 4) or array.shape == (8, 6, 4)
    assert len(rows) == array.shape[-1]
    assert (meta["affine"] @ (0, 0, rows[-1]["slice"], 1))[2] == rows[-1]["position"]


def test_what_cannot_be_scored_is_rejected_with_its_reason(tmp_path):
    good = write_slice(tmp_path / "good.dcm")
    write_slice(tmp_path / "scout.dcm", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    write_slice(tmp_path / "colour.dcm", SamplesPerPixel=3, PhotometricInterpretation="RGB")
    write_slice(tmp_path / "report.dcm", Modality="SR", Rows=None)
    write_slice(tmp_path / "xray.dcm", Modality="CR")
    write_slice(tmp_path / "nohu.dcm", RescaleIntercept=None)
    header = make_dicom(head_hu(16))
    del header.PixelData
    write_dicom(tmp_path / "header.dcm", header)
    (tmp_path / "zero.dcm").touch()
    (tmp_path / "text.dcm").write_text("text " * 100)
    (tmp_path / "cut.dcm").write_bytes(good.read_bytes()[:-20])
    dataset = make_dicom(head_hu(64))
    dataset.compress(JPEG2000Lossless)
    write_dicom(tmp_path / "cut_j2k.dcm", dataset)
    (tmp_path / "cut_j2k.dcm").write_bytes((tmp_path / "cut_j2k.dcm").read_bytes()[:-20])
    (tmp_path / "zero.png").touch()
    write_png(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:-20])
    (tmp_path / "junk.nii").write_bytes(b"junk" * 200)
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 4, 2), np.int16), np.eye(4)), tmp_path / "fmri.nii")
    write_volume(tmp_path / "cut.nii.gz", depth=50)
    (tmp_path / "cut.nii.gz").write_bytes((tmp_path / "cut.nii.gz").read_bytes()[:-12])
    rows, rejected = find_images(tmp_path)
    assert {Path(row["image"]).name for row in rows} == {"good.dcm", "whole.png"}
    reasons = {Path(entry["image"]).name: entry["reason"] for entry in rejected}
    expected = {
        "scout.dcm": "LOCALIZER",
        "colour.dcm": "colour",
        "report.dcm": "modality is SR, and it has no pixels",
        "xray.dcm": "modality is CR",
        "nohu.dcm": "RescaleIntercept",
        "header.dcm": "no complete pixel data",
        "zero.dcm": "empty",
        "text.dcm": "not a DICOM file",
        "cut.dcm": "cut short, with 492 of 512 bytes",
        "cut_j2k.dcm": "no complete pixel data",
        "zero.png": "empty",
        "cut.png": "not a readable PNG",
        "junk.nii": "not a readable NIfTI",
        "fmri.nii": "three dimensions",
        "cut.nii.gz": "damaged NIfTI",
    }
    assert reasons.keys() == expected.keys()
    kinds = {Path(entry["image"]).name: entry["kind"] for entry in rejected if "kind" in entry}
    assert kinds == {
        "scout.dcm": "scout",
        "colour.dcm": "secondary capture",
        "report.dcm": "no image",
        "xray.dcm": "other modality",
    }
    for name, part in expected.items():
        assert part in reasons[name]
        assert "\n" not in reasons[name]


def test_a_file_that_cannot_be_used_names_the_heads_that_are_without_it(tmp_path):
    def cut_short(path):
        path.write_bytes(path.read_bytes()[:-20])

    for n in range(3):
        write_slice(tmp_path / "a" / f"soft{n}.dcm", 5.0 * n)
        write_slice(tmp_path / "a" / f"bone{n}.dcm", 5.0 * n, ConvolutionKernel="H60s")
        write_slice(tmp_path / "a" / f"lost{n}.dcm", 5.0 * n, SeriesInstanceUID="1.9")
        write_slice(tmp_path / "b" / f"scout{n}.dcm", n, SeriesInstanceUID="1.8", SeriesDescription="scout")
        write_png(tmp_path / "b" / f"{n}.png")
        cut_short(tmp_path / "a" / f"lost{n}.dcm")
    cut_short(tmp_path / "a" / "soft1.dcm")
    (tmp_path / "a" / "unreadable.dcm").touch()
    (tmp_path / "b" / "unreadable.dcm").touch()
    cut_short(tmp_path / "b" / "1.png")
    write_slice(tmp_path / "b" / "scout3.dcm", 3, SeriesInstanceUID="1.8", SamplesPerPixel=[1, 2])
    (tmp_path / "a" / "junk.nii").write_bytes(b"junk" * 200)
    _, rejected = find_images(tmp_path, all_series=True)
    failed = {Path(each["image"]).name: each for each in rejected if "kind" not in each}
    parts = [(STUDY, SERIES, f"kernel {name}") for name in ("H60s", "unknown")]
    lost = {name: sorted(each["lost_by"]) for name, each in failed.items() if each["lost_by"]}
    assert lost == {"soft1.dcm": parts, **{f"lost{n}.dcm": [(STUDY, "1.9", "")] for n in range(3)}}
    beside = [(Path(each["image"]).name, sorted(each["beside"])) for each in rejected if each.get("beside")]
    assert beside == [("unreadable.dcm", parts), ("1.png", [("", "b", "")])]
    assert {name for name, each in failed.items()} - lost.keys() == {
        "junk.nii",
        "unreadable.dcm",
        "1.png",
        "scout3.dcm",
    }


def test_compressed_slices_are_found_without_decoding(tmp_path):
    dataset = make_dicom(head_hu(32))
    dataset.compress(JPEG2000Lossless)
    write_dicom(tmp_path / "a.dcm", dataset)
    rows, rejected = find_images(tmp_path)
    assert (len(rows), rejected) == (1, [])


def test_slices_without_position_or_series(tmp_path):
    write_slice(tmp_path / "a" / "2.dcm", SeriesInstanceUID=None)
    dataset = pydicom.dcmread(tmp_path / "a" / "2.dcm")
    del dataset.ImagePositionPatient
    write_dicom(tmp_path / "a" / "1.dcm", dataset)
    rows, _ = find_images(tmp_path)
    assert [(Path(row["image"]).name, row["series"], row["position"]) for row in rows] == [
        ("2.dcm", "a", 0),
        ("1.dcm", "a", None),
    ]


def test_nothing_identifies_a_person(tmp_path):
    write_slice(tmp_path / "good.dcm")
    write_slice(tmp_path / "bad.dcm", Modality="CR")
    assert "SECRET" not in str(find_images(tmp_path)).upper()


@pytest.mark.parametrize("keyword", ["Modality", "SeriesDescription"])
def test_a_wrong_length_brings_no_name_into_the_results(tmp_path, keyword):
    tag = TAGS[keyword]
    path = write_slice(tmp_path / "a.dcm", SeriesDescription="HEAD")
    content = bytearray(path.read_bytes())
    at = content.rindex(tag.group.to_bytes(2, "little") + tag.element.to_bytes(2, "little")) + 6
    content[at : at + 2] = (content.index(b"^Name") + 5 - at - 2).to_bytes(2, "little")
    path.write_bytes(content)
    write_slice(tmp_path / "b.dcm", 5.0)
    rows, (left_out,) = find_images(tmp_path)
    assert len(rows) == 1 and f"a.dcm has a damaged {keyword} (" in left_out["reason"]
    assert "Secret" not in str((rows, left_out))


def test_input_without_images(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    for path, sentence in [
        (tmp_path / "absent", "does not exist"),
        (tmp_path, "holds no"),
        (tmp_path / "a.txt", "known format"),
    ]:
        with pytest.raises(InputError, match=sentence):
            find_images(path)


def test_real_series_sorts_monotonically(head_ct_data):
    rows, rejected = find_images(head_ct_data / "rsna_dicom")
    assert (len(rows), rejected) == (155, [])
    series = max({row["series"] for row in rows}, key=lambda uid: sum(row["series"] == uid for row in rows))
    positions = [row["position"] for row in rows if row["series"] == series]
    assert len(positions) == 36
    assert (np.diff(positions) > 0).all()


def test_age_and_sex_of_a_header(tmp_path):
    (row,), _ = find_images(write_slice(tmp_path / "a", PatientAge="061Y", PatientSex="F"))
    assert (row["age"], row["sex"]) == (61.0, "F")


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_is_no_input(nothing):
    with pytest.raises(InputError, match="inference has no input; give it a file or a folder with --input"):
        find_images(nothing)
