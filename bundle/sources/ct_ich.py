"""CT-ICH: 82 trauma patients of one hospital, each slice diagnosed, each bleed outlined.

Two layouts: PhysioNet's (``ct_scans/049.nii``, ``masks/049.nii``, ``hemorrhage_diagnosis_raw_ct.csv``), in HU, and an
older export as 8-bit pictures of the brain window (``Patients_CT/049/brain/14.jpg``, ``14_HGE_Seg.jpg`` beside a slice
with a bleed, ``hemorrhage_diagnosis.csv``). Hssayeni et al., Data 2020, https://doi.org/10.3390/data5010014
"""

from collections.abc import Mapping
from pathlib import Path

from bundle.datalist import Collection, Row, Skipped
from bundle.errors import InputError
from bundle.gate import require_picture
from bundle.labels import ANY, Label
from bundle.parallel import map_files
from bundle.readers.formats import NIFTI_SUFFIXES
from bundle.sources.ct_ich_tables import Slice, read_demographics, read_diagnoses, slice_name
from bundle.sources.tree import find_files
from bundle.sources.volume import read_image_volume, read_volume, same_grid, slice_order

VOLUMES = ("ct_scans", "hemorrhage_diagnosis_raw_ct.csv")
PICTURES = ("Patients_CT", "hemorrhage_diagnosis.csv")
MASKS = "masks"
PICTURE_MASK = "_HGE_Seg.jpg"
PICTURE_MASK_VALUES = {255: ANY}
PICTURE_SPACING = 5.0
"""Millimetres between the pictures of a patient: the scans' slice thickness (Hssayeni et al., Data 2020, 5, 14)."""
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
        problem = f"has no folder {VOLUMES[0]} or {PICTURES[0]}"
        raise InputError(problem, "give the folder of CT-ICH that has one", root)
    folder, table = layout
    labels, skipped, notes = read_diagnoses(table)
    people, more = read_demographics(root / DEMOGRAPHICS)
    collection = Collection("ct_ich", [], skipped, notes + more)
    if folder.name == VOLUMES[0]:
        _read_volumes(collection, folder, labels)
    else:
        collection.mask_values = PICTURE_MASK_VALUES
        _read_pictures(collection, folder, labels)
    for row in collection.rows:
        row.update(people.get(int(row["patient"]), {}))
    return collection


def _read_volumes(collection: Collection, folder: Path, labels: Mapping[Slice, Label]) -> None:
    files = _find_volumes(folder, collection.skipped)
    for patient in sorted({patient for patient, _ in labels} - set(files)):
        collection.skipped.append(Skipped(f"{patient:03d}", f"{folder.name} has no volume of it"))
    # Lists, so that one is read after the other.
    volumes = list(map_files(read_image_volume, list(files.values()), "reading volumes"))
    masks = list(
        map_files(read_volume, [folder.parent / MASKS / file.name for file in files.values()], "reading masks")
    )
    for (patient, file), volume, mask in zip(files.items(), volumes, masks, strict=True):
        image = f"{folder.name}/{file.name}"
        try:
            if isinstance(volume, InputError):
                raise volume
            order = slice_order(volume, file)
        except InputError as error:
            collection.skipped.append(Skipped.from_error(image, file, error))
            continue
        shared = _shared(patient)
        if isinstance(mask, InputError):
            collection.notes.append(f"{MASKS}/{file.name} is not there or cannot be read, so its slices have no mask")
        elif not same_grid(volume, mask):
            collection.notes.append(f"{MASKS}/{file.name} does not fit its volume, so its slices have no mask")
        else:
            shared["mask"] = f"{MASKS}/{file.name}"
        diagnosed = {number for each, number in labels if each == patient}
        stored = set(range(1, len(order) + 1))
        for number in sorted(diagnosed ^ stored):
            reason = f"{image} has {len(order)} slices" if number in diagnosed else _UNDIAGNOSED
            collection.skipped.append(Skipped(slice_name(patient, number), reason))
        for number in sorted(diagnosed & stored):
            index = order[number - 1]
            row = {"image": image, "slice": index, "label": labels[patient, number]}
            collection.rows.append({**row, "position": volume["positions"][index], **shared})


def _find_volumes(folder: Path, skipped: list[Skipped]) -> dict[int, Path]:
    files = {}
    for file in find_files(folder, folder.parent, skipped, depth=0):
        number = file.name.split(".")[0]
        if file.name.endswith(NIFTI_SUFFIXES) and number.isdecimal():
            files[int(number)] = file
        else:
            skipped.append(Skipped(f"{folder.name}/{file.name}", "is no NIfTI named by a patient's number"))
    return files


def _read_pictures(collection: Collection, folder: Path, labels: Mapping[Slice, Label]) -> None:
    files = {key: folder / f"{key[0]:03d}" / "brain" / f"{key[1]}.jpg" for key in labels}
    names = {file: key for key, file in files.items()}
    root = folder.parent
    there = {
        file
        for file in find_files(folder, root, collection.skipped)
        if file.match("*/brain/*.jpg") and not file.name.endswith(PICTURE_MASK)
    }
    for file in sorted(there - set(names)):
        collection.skipped.append(Skipped(file.relative_to(root).as_posix(), _UNDIAGNOSED))
    for key, file in files.items():
        if file not in there:
            collection.skipped.append(Skipped(slice_name(*key), f"there is no {file.relative_to(root).as_posix()}"))
    known = [file for file in names if file in there]
    for file, problem in zip(known, map_files(require_picture, known, "reading pictures"), strict=True):
        image = file.relative_to(root).as_posix()
        if isinstance(problem, InputError):
            collection.skipped.append(Skipped.from_error(image, file, problem))
            continue
        patient, number = names[file]
        row = {"image": image, "label": labels[patient, number], **_shared(patient)}
        row["position"] = number * PICTURE_SPACING
        mask = file.with_name(file.stem + PICTURE_MASK)
        collection.rows.append({**row, "mask": mask.relative_to(root).as_posix()} if mask.is_file() else row)


def _shared(patient: int) -> Row:
    # One scan a patient, so that its number names the series, too.
    return {"patient": f"{patient:03d}", "series": f"{patient:03d}"}
