from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from bundle.errors import InputError
from bundle.phantom import Conformant, Head, Manifest, make_head, write_phantoms
from bundle.phantom.conformant import NAMES, SYNTAXES
from bundle.phantom.dicom import slice_dataset
from bundle.phantom.scanner import SCANNERS
from bundle.readers import read_dicom_slice
from bundle.sources.unlabelled import find_images
from scripts.phantom import main
from tests.dicom_tools import dciodvfy, dsrdump, needs_dicom_tools

SIZE = 64
SOURCE = (0, "test")
KINDS = [Conformant(name) for name in NAMES] + [Conformant(compression=name) for name in SYNTAXES if name != "none"]


@pytest.fixture(scope="module")
def head() -> Head:
    return make_head(11, slices=2, size=SIZE, bleed=("subdural",), tilt=12)


def written(head: Head, kind: Conformant, folder: Path) -> Path:
    dataset = slice_dataset(head, 1, SOURCE)
    kind.complete(dataset, head, 1, SOURCE)
    dataset.save_as(folder / "slice.dcm", enforce_file_format=True)
    return folder / "slice.dcm"


@needs_dicom_tools
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_dciodvfy_says_nothing_of_it(head: Head, kind: Conformant, tmp_path: Path) -> None:
    assert dciodvfy(written(head, kind, tmp_path)) == []


@needs_dicom_tools
@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda scanner: scanner.name)
def test_dciodvfy_says_nothing_of_any_scanner(head: Head, scanner: object, tmp_path: Path) -> None:
    assert dciodvfy(written(replace(head, scanner=scanner), Conformant(), tmp_path)) == []


@needs_dicom_tools
def test_dciodvfy_knows_no_private_elements_but_finds_no_fault_with_them(head: Head, tmp_path: Path) -> None:
    lines = dciodvfy(written(head, Conformant(private=True), tmp_path))
    assert len(lines) == 3
    assert all(line.startswith("(0x0029,") and "Unrecognized tag" in line for line in lines)


@needs_dicom_tools
def test_dciodvfy_finds_what_is_missing_of_the_ordinary_phantom(head: Head, tmp_path: Path) -> None:
    slice_dataset(head, 1, SOURCE).save_as(tmp_path / "slice.dcm", enforce_file_format=True)
    assert any("StudyDate" in line for line in dciodvfy(tmp_path / "slice.dcm"))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_pixels_and_name_come_back(head: Head, kind: Conformant, tmp_path: Path) -> None:
    file = written(head, kind, tmp_path)
    plain = slice_dataset(head, 1, SOURCE)
    plain.save_as(tmp_path / "plain.dcm", enforce_file_format=True)
    np.testing.assert_array_equal(read_dicom_slice(file)[0], read_dicom_slice(tmp_path / "plain.dcm")[0])
    dataset = pydicom.dcmread(file)
    assert str(dataset.PatientName) == NAMES[kind.character_set]
    assert dataset.file_meta.TransferSyntaxUID == SYNTAXES[kind.compression]


def test_the_tilt_is_that_of_the_slices(head: Head, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(written(head, Conformant(), tmp_path))
    assert dataset.GantryDetectorTilt == 12
    down, up = dataset.ImageOrientationPatient[4:]
    assert np.rad2deg(np.arctan2(up, down)) == pytest.approx(12, abs=1e-3)


def test_a_set_has_other_identifiers_than_one_without_and_the_same_pixels(tmp_path: Path) -> None:
    plain = Manifest(patients=1, slices=2, size=32)
    kinds = (plain, replace(plain, conformant=Conformant()), replace(plain, conformant=Conformant("ISO_IR 100")))
    studies, pixels = set(), set()
    for number, manifest in enumerate(kinds):
        write_phantoms(tmp_path / str(number), manifest, processes=1)
        files = list((tmp_path / str(number) / "stage_2_train").iterdir())
        first = min(map(pydicom.dcmread, files), key=lambda dataset: dataset.ImagePositionPatient[2])
        studies.add(first.StudyInstanceUID)
        pixels.add(first.PixelData)
    assert (len(studies), len(pixels)) == (3, 1)
    assert "conformant" not in (tmp_path / "0" / "phantom.json").read_text()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Conformant("latin1"), "there is no character set 'latin1'; choose from ISO_IR 6, ISO_IR 100"),
        (Conformant(compression="zip"), "there is no compression 'zip'"),
        (Conformant(tilt=45), "the tilt must be a number of degrees from -30 to 30, got 45"),
    ],
)
def test_what_cannot_be_written_is_refused(kind: Conformant, text: str) -> None:
    with pytest.raises(InputError, match=text):
        Manifest(conformant=kind).check()


def test_mr_has_no_conformant_headers(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="conformant headers are written of CT, not of T1"):
        main(str(tmp_path / "set"), contrast="T1", conformant=True)


def test_the_options_of_conformant_headers_need_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="add --conformant"):
        main(str(tmp_path / "set"), private=True)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of twelve slices with all that it holds beside them."""
    folder = tmp_path_factory.mktemp("study") / "set"
    write_phantoms(folder, Manifest(patients=1, slices=12, size=SIZE, conformant=Conformant(others=True)), processes=1)
    return folder


@needs_dicom_tools
def test_dciodvfy_says_nothing_of_a_scout_a_bone_reconstruction_and_a_dose_report(study: Path) -> None:
    files = sorted((study / "others").iterdir())
    assert len(files) == 14
    for file in (files[0], files[-2], files[-1]):
        assert dciodvfy(file) == [], file.name
    assert dsrdump(next(file for file in files if "dose" in file.name)) == []


def test_a_study_is_one_study_and_the_gate_scores_its_head_alone(study: Path) -> None:
    read = [pydicom.dcmread(file) for file in study.rglob("*.dcm")]
    assert len({each.StudyInstanceUID for each in read}) == len({each.PatientID for each in read}) == 1
    assert len({each.SOPInstanceUID for each in read}) == 26
    assert len({each.SeriesInstanceUID for each in read}) == 4
    rows, rejected = find_images(study)
    assert {Path(row["image"]).parent.name for row in rows} == {"stage_2_train"}
    assert len(rows) == 12
    kinds = {entry["kind"] for entry in rejected if "others" in str(entry["image"])}
    assert kinds == {"scout", "bone kernel", "no image"}
