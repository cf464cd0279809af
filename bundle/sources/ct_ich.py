"""CT-ICH: 82 trauma patients of one hospital, each slice diagnosed, each bleed outlined.

Two layouts: PhysioNet's (``ct_scans/049.nii``, ``masks/049.nii``, ``hemorrhage_diagnosis_raw_ct.csv``), in HU, and an
older export as 8-bit pictures of the brain window (``Patients_CT/049/brain/14.jpg``, ``14_HGE_Seg.jpg`` beside a slice
with a bleed, ``hemorrhage_diagnosis.csv``). Hssayeni et al., Data 2020, https://doi.org/10.3390/data5010014
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bundle.datalist import Collection, Row, Skipped
from bundle.errors import InputError
from bundle.labels import Label
from bundle.parallel import map_files
from bundle.readers.formats import NIFTI_SUFFIXES
from bundle.readers.raster import check_raster
from bundle.sources.ct_ich_tables import Slice, read_demographics, read_diagnoses, slice_name
from bundle.sources.volume import open_volume, same_grid, stored_slices

VOLUMES = ("ct_scans", "hemorrhage_diagnosis_raw_ct.csv")
PICTURES = ("Patients_CT", "hemorrhage_diagnosis.csv")
MASKS = "masks"
PICTURE_MASK = "_HGE_Seg.jpg"
DEMOGRAPHICS = "Patient_demographics.csv"

_UNDIAGNOSED = "has no usable row in the diagnoses"


def read_ct_ich(dataset_dir: Path | str) -> Collection:
    """Read the volumes where they are there, else the pictures.

    Args:
        dataset_dir: folder of the images' folder and of the CSV of diagnoses.

    Raises:
        InputError: when there is neither layout, or the CSV is malformed.
    """
    root = Path(dataset_dir)
    layout = next(
        ((root / folder, root / table) for folder, table in (VOLUMES, PICTURES) if (root / folder).is_dir()), None
    )
    if layout is None:
        raise InputError(f"{root} has no folder {VOLUMES[0]} or {PICTURES[0]}; give the folder of CT-ICH that has one")
    folder, table = layout
    labels, skipped, notes = read_diagnoses(table)
    people, more = read_demographics(root / DEMOGRAPHICS)
    collection = Collection("ct_ich", [], skipped, notes + more)
    if folder.name == VOLUMES[0]:
        _read_volumes(collection, folder, labels)
    else:
        _read_pictures(collection, folder, labels)
    for row in collection.rows:
        row.update(people.get(int(row["patient"]), {}))
    return collection


class _Volume(NamedTuple):
    slices: list[tuple[int, float]]
    """Index as read and position (mm) of each slice, in the order as stored."""
    mask_problem: str | None


def _read_volumes(collection: Collection, folder: Path, labels: Mapping[Slice, Label]) -> None:
    files = _find_volumes(folder, collection.skipped)
    for patient in sorted({patient for patient, _ in labels} - set(files)):
        collection.skipped.append(Skipped(f"{patient:03d}", f"{folder.name} has no volume of it"))
    found = map_files(_read_volume, list(files.values()), "reading volumes")
    for (patient, file), volume in zip(files.items(), found, strict=True):
        image, mask = f"{folder.name}/{file.name}", f"{MASKS}/{file.name}"
        if isinstance(volume, InputError):
            collection.skipped.append(Skipped.from_error(image, file, volume))
            continue
        if volume.mask_problem:
            collection.notes.append(f"{mask} {volume.mask_problem}, so its slices have no mask")
        depth = len(volume.slices)
        diagnosed = {number for each, number in labels if each == patient}
        for number in sorted(diagnosed ^ set(range(1, depth + 1))):
            reason = f"{image} has {depth} slices" if number in diagnosed else _UNDIAGNOSED
            collection.skipped.append(Skipped(slice_name(patient, number), reason))
        for number in sorted(diagnosed & set(range(1, depth + 1))):
            index, position = volume.slices[number - 1]
            row = {**_row(image, labels[patient, number], patient), "slice": index, "position": position}
            collection.rows.append(row if volume.mask_problem else {**row, "mask": mask})


def _find_volumes(folder: Path, skipped: list[Skipped]) -> dict[int, Path]:
    files = {}
    for file in sorted(folder.iterdir()):
        number = file.name.split(".")[0]
        if file.name.endswith(NIFTI_SUFFIXES) and number.isdecimal():
            files[int(number)] = file
        elif not file.name.startswith("."):
            skipped.append(Skipped(f"{folder.name}/{file.name}", "is no NIfTI named by a patient's number"))
    return files


def _read_volume(file: Path) -> _Volume:
    image = open_volume(file)
    slices = stored_slices(image, file)
    try:
        mask = open_volume(file.parents[1] / MASKS / file.name)
    except InputError:
        return _Volume(slices, "is not there or cannot be read")
    return _Volume(slices, None if same_grid(image, mask) else "has not the shape and place of its volume")


def _read_pictures(collection: Collection, folder: Path, labels: Mapping[Slice, Label]) -> None:
    files = {key: folder / f"{key[0]:03d}" / "brain" / f"{key[1]}.jpg" for key in labels}
    names = {file: key for key, file in files.items()}
    there = {file for file in sorted(folder.glob("*/brain/*.jpg")) if not file.name.endswith(PICTURE_MASK)}
    root = folder.parent
    for file in sorted(there - set(names)):
        collection.skipped.append(Skipped(file.relative_to(root).as_posix(), _UNDIAGNOSED))
    for key, file in files.items():
        if file not in there:
            collection.skipped.append(Skipped(slice_name(*key), f"there is no {file.relative_to(root).as_posix()}"))
    known = [file for file in names if file in there]
    for file, problem in zip(known, map_files(check_raster, known, "reading pictures"), strict=True):
        image = file.relative_to(root).as_posix()
        if isinstance(problem, InputError):
            collection.skipped.append(Skipped.from_error(image, file, problem))
            continue
        row = _row(image, labels[names[file]], names[file][0])
        mask = file.with_name(file.stem + PICTURE_MASK)
        collection.rows.append({**row, "mask": mask.relative_to(root).as_posix()} if mask.is_file() else row)


def _row(image: str, label: Label, patient: int) -> Row:
    # One scan a patient, so that its number names the series, too.
    return {"image": image, "label": label, "patient": f"{patient:03d}", "series": f"{patient:03d}"}
