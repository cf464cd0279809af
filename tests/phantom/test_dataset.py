import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from bundle.errors import InputError
from bundle.labels import LABELS, SUBTYPES
from bundle.parallel import process_pool
from bundle.phantom import BRAIN, FIRST_BLEED, Manifest, PhantomSet, make_head, write_phantoms
from bundle.phantom.dataset import patient_subtypes

SMALL = Manifest(patients=3, slices=3, size=48, seed=4)


def digest(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> PhantomSet:
    return write_phantoms(tmp_path_factory.mktemp("phantoms") / "set", SMALL, processes=1)


def rows(phantoms: PhantomSet) -> list[list[str]]:
    with (phantoms.folder / "stage_2_train.csv").open(newline="") as lines:
        return list(csv.reader(lines))


def test_layout_of_the_rsna_set(written: PhantomSet) -> None:
    images = {file.stem for file in (written.folder / "stage_2_train").iterdir()}
    assert len(images) == 9
    assert all(len(name) == 12 and name.startswith("ID_") for name in images)
    assert {file.stem for file in (written.folder / "masks").iterdir()} == images == set(written.labels)
    header, *lines = rows(written)
    assert header == ["ID", "Label"]
    assert len(lines) == 9 * len(LABELS)
    for start in range(0, len(lines), 6):
        image = lines[start][0].rsplit("_", 1)[0]
        assert [line[0] for line in lines[start : start + 6]] == [f"{image}_{name}" for name in LABELS]
        assert tuple(int(line[1]) for line in lines[start : start + 6]) == written.labels[image]


def test_masks_lie_on_the_pixels_and_agree_with_the_labels(tmp_path: Path) -> None:
    phantoms = write_phantoms(tmp_path / "set", Manifest(patients=9, slices=4, size=96, seed=1), processes=1)
    contrasts = []
    for name, label in phantoms.labels.items():
        mask = np.asarray(Image.open(phantoms.folder / "masks" / f"{name}.png"))
        dataset = pydicom.dcmread(phantoms.folder / "stage_2_train" / f"{name}.dcm")
        hu = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
        assert mask.dtype == np.uint8
        assert mask.shape == hu.shape
        assert set(np.unique(mask)) <= set(range(FIRST_BLEED + len(SUBTYPES)))
        for index, positive in enumerate(label[:-1]):
            assert positive <= (mask == FIRST_BLEED + index).any()
        blood = mask >= FIRST_BLEED
        if blood.sum() > 60:
            contrasts.append(np.median(hu[blood]) - np.median(hu[mask == BRAIN]))
    assert len(contrasts) >= 4
    assert np.median(contrasts) > 8


def test_bytes_do_not_depend_on_the_number_of_processes(
    written: PhantomSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_pool, "ALONE", 0)
    other = write_phantoms(tmp_path / "set", SMALL, processes=2)
    assert digest(other.folder) == digest(written.folder)
    assert other.labels == written.labels


def test_a_second_run_mends_the_set(tmp_path: Path) -> None:
    manifest = Manifest(patients=1, slices=2, size=32)
    first = write_phantoms(tmp_path, manifest, processes=1)
    before = digest(tmp_path)
    broken = next((tmp_path / "stage_2_train").iterdir())
    broken.write_bytes(b"half a file")
    (tmp_path / "stage_2_train.csv").unlink()
    second = write_phantoms(tmp_path, manifest, processes=1)
    assert digest(tmp_path) == before
    assert second == first


def test_a_larger_set_begins_with_the_smaller_one(written: PhantomSet, tmp_path: Path) -> None:
    manifest = Manifest(patients=2, slices=3, size=48, seed=4)
    smaller = write_phantoms(tmp_path / "set", manifest, processes=1)
    assert set(smaller.labels.items()) <= set(written.labels.items())


def test_manifest_tells_the_parameters(written: PhantomSet) -> None:
    found = json.loads((written.folder / "phantom.json").read_text())
    assert found == {"version": 1, "patients": 3, "slices": 3, "size": 48, "seed": 4, "contrast": "CT"}


def test_folder_of_other_phantoms_is_refused(written: PhantomSet) -> None:
    before = digest(written.folder)
    with pytest.raises(InputError, match="holds phantoms of other parameters"):
        write_phantoms(written.folder, Manifest(patients=3, slices=3, size=48, seed=5))
    assert digest(written.folder) == before


def test_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("four years of work")
    with pytest.raises(InputError, match="is not empty and holds no phantoms"):
        write_phantoms(tmp_path, SMALL)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_unwritable_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        write_phantoms(tmp_path / "file" / "set", SMALL)


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (Manifest(patients=0), "patients must be a whole number"),
        (Manifest(patients="many"), "got 'many'"),
        (Manifest(contrast="PET"), "there is no contrast 'PET'"),
    ],
)
def test_bad_parameters_are_refused_before_anything_is_written(
    manifest: Manifest, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=sentence):
        write_phantoms(tmp_path / "set", manifest)
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("processes", [0, "all"])
def test_bad_number_of_processes_is_refused(processes: object, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="processes must be a whole number from 1"):
        write_phantoms(tmp_path / "set", SMALL, processes)


def test_every_nine_patients_hold_each_subtype_and_four_without_a_bleed() -> None:
    for seed in range(3):
        drawn = [patient_subtypes(seed, patient) for patient in range(90)]
        for start in range(0, 90, 9):
            block = drawn[start : start + 9]
            assert sum(not subtypes for subtypes in block) == 4
            assert {name for subtypes in block for name in subtypes} == set(SUBTYPES)


def test_a_third_of_the_slices_is_positive() -> None:
    labels = np.concatenate(
        [make_head(100 + p, slices=10, size=48, bleed=patient_subtypes(0, p)).labels for p in range(18)]
    )
    assert 0.22 < labels[:, -1].mean() < 0.45
