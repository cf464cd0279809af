"""The page of an inference, from the files to the browser's pictures."""

import json
import re

import nibabel as nib
import numpy as np
import pydicom
import pytest

from bundle.phantom import Manifest, write_phantoms
from bundle.readers import head_files
from bundle.results.page import NAME, Page
from bundle.results.records import Records
from bundle.sources.unlabelled import find_images


def slice_record(image, index="", position=0.0, p_any=0.2, series="s"):
    return {
        "image": image,
        "slice": index,
        "study": "",
        "series": series,
        "part": "",
        "position": position,
        "p_any": p_any,
    }


def series_record(series="s", slices=1, action="read soon", p_any=0.2):
    return {"study": "", "series": series, "part": "", "slices": slices, "action": action, "p_any": p_any}


def stacks(folder):
    text = (folder / NAME).read_text()
    return [json.loads(found) for found in re.findall(r'class="slices">(.*?)</script>', text)]


@pytest.fixture
def volume(tmp_path):
    voxels = np.random.default_rng(0).normal(30, 9, (40, 40, 6)).astype(np.float32)
    voxels[:8] = -1000  # air, as around a head
    nib.save(nib.Nifti1Image(voxels, np.diag([-0.5, 0.5, 5, 1])), tmp_path / "a.nii.gz")
    rows, rejected = find_images(tmp_path / "a.nii.gz")
    assert not rejected
    return rows


def test_the_slices_of_a_volume_are_shown_and_the_volume_is_read_once(volume, tmp_path, monkeypatch):
    read = []

    def counted(path):
        read.append(path)
        return real(path)

    real = head_files.read_nifti
    monkeypatch.setattr(head_files, "read_nifti", counted)
    slices = [slice_record("a.nii.gz", row["slice"], row["position"]) for row in volume]
    Page().write(
        tmp_path,
        Records(slices, [series_record(slices=6)], []),
        volume,
        {},
        0.3,
        [(index + 4, 9) for index in range(6)],
    )
    (stack,) = stacks(tmp_path)
    assert [each["number"] for each in stack] == [4, 5, 6, 7, 8, 9], "as they are counted over the whole head"
    assert all(each["place"].startswith(f"slice {each['number']} of 9 ") for each in stack)
    assert all(each["sides"] == ["R", "L"] for each in stack)
    assert len(read) == 1


def test_the_first_heads_of_the_worklist_have_pictures(volume, tmp_path):
    rows = [*volume[:2], *volume[2:4]]
    slices = [slice_record("a.nii.gz", row["slice"], series=f"s{index // 2}") for index, row in enumerate(rows)]
    series = [series_record("s1", 2, "read first"), series_record("s0", 2)]
    Page(heads=1).write(tmp_path, Records(slices, series, []), rows, {}, 0.3, [(1, 2), (2, 2)] * 2)
    assert len(stacks(tmp_path)) == 1
    text = (tmp_path / NAME).read_text()
    assert text.count("There is no picture of this head.") == 1
    assert text.index('class="slices"') < text.index("There is no picture")


def test_a_page_of_an_earlier_inference_does_not_stay_where_no_head_was_scored(volume, tmp_path):
    slices = [slice_record("a.nii.gz", 0)]
    Page().write(tmp_path, Records(slices, [series_record()], []), volume[:1], {}, 0.3, [(1, 6)])
    Page().write(tmp_path, Records([], [], [{"image": "a.nii.gz", "reason": "is cut short"}]), [], {}, 0.3, [])
    text = (tmp_path / NAME).read_text()
    assert "No head was scored." in text and "is cut short" in text and not stacks(tmp_path)


def test_no_page_is_asked_for(tmp_path):
    Page(heads=0).write(tmp_path, Records([], [], []), [], {}, 0.3, [])
    assert not (tmp_path / NAME).exists()


def test_the_identity_in_a_header_is_shown_on_request_alone(tmp_path):
    write_phantoms(tmp_path / "phantom", Manifest(patients=1, slices=1, size=64), processes=1)
    rows, _ = find_images(tmp_path / "phantom" / "stage_2_train")
    path = rows[0]["image"]
    dicom = pydicom.dcmread(path)
    identity = {
        "PatientName": "Doe^Jo",
        "PatientID": "P-47-11",
        "PatientBirthDate": "19500102",
        "AccessionNumber": "A-17-B",
    }
    for name, value in identity.items():
        setattr(dicom, name, value)
    dicom.save_as(path)
    slices = [slice_record("1.dcm", p_any=0.9)]
    pages = []
    for shown in (False, True):
        Page(show_identity=shown).write(tmp_path, Records(slices, [series_record()], []), rows, {}, 0.3, [(1, 1)])
        pages.append((tmp_path / NAME).read_text())
    for name, value in identity.items():
        assert name not in pages[0] and value not in pages[0]
        assert f"<dt>{name}</dt>" in pages[1] and value in pages[1]
