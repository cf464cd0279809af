"""A folder of images by class, as the 7,000 images of the paper come: ``hemorrhage/`` and ``normal/``.

``DATASET_DIR/CLASS/image`` or ``DATASET_DIR/CLASS/PATIENT/…/image``. The folder right beneath the class is the
patient, and one name is one patient in all classes; so are folders whose DICOM files have a PatientID in common.
Without a folder, the PatientID is the patient; PNG and JPEG files then have none. Either is kept as a hash, because in
a hospital it names a person.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from bundle.datalist import Collection, Row, Skipped, join_persons
from bundle.errors import InputError
from bundle.files import require_folder
from bundle.gate import require_picture
from bundle.labels import Label
from bundle.parallel import map_files
from bundle.readers.formats import Format, image_format
from bundle.sources.class_names import ACCEPTED, class_of, label_of
from bundle.sources.header import read_header
from bundle.sources.person import pseudonym
from bundle.sources.tree import find_files


def read_image_folder(dataset_dir: Path | str) -> Collection:
    """Read images by class; a subtype's folder leaves the other subtypes unknown, ``hemorrhage`` all five.

    Raises:
        InputError: when a folder is no known class or has no images, or there is none.
    """
    root = require_folder(dataset_dir, "give the one that holds the class folders")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not folders:
        raise InputError("has no folder of a class", f"accepted are {ACCEPTED}", root)
    classes = {folder: find_class(folder) for folder in folders}
    collection = Collection("image_folder", [])
    for folder, name in classes.items():
        files = list(_find_images(folder, root, collection.skipped))
        if not files:
            raise InputError("has no PNG, JPEG or DICOM image", "fill or remove it", folder)
        _read_rows(collection, files, folder, label_of([name]))
    _name_patients(collection)
    return collection


def find_class(folder: Path) -> str:
    """Return the class that a folder's name means.

    Raises:
        InputError: when it means none; lists what is accepted.
    """
    name = class_of(folder.name)
    if name is None:
        raise InputError("is no known class", f"rename it to one of {ACCEPTED}", folder)
    return name


def _find_images(folder: Path, root: Path, skipped: list[Skipped]) -> Iterator[Path]:
    for file in find_files(folder, root, skipped):
        if image_format(file) in (Format.DICOM, Format.RASTER):
            yield file
        else:
            skipped.append(Skipped(file.relative_to(root).as_posix(), "is no PNG, JPEG or DICOM file"))


def _read_rows(collection: Collection, files: list[Path], folder: Path, label: Label) -> None:
    rows = map_files(_read_row, files, f"reading {folder.name}")
    for file, row in zip(files, rows, strict=True):
        image = file.relative_to(folder.parent).as_posix()
        if isinstance(row, InputError):
            collection.skipped.append(Skipped.from_error(image, file, row))
        else:
            collection.rows.append({**row, "image": image, "label": label})


def _read_row(file: Path) -> Row:
    if image_format(file) is Format.RASTER:
        require_picture(file)
        return {}
    row = read_header(file)
    if "patient" in row:
        row["patient"] = pseudonym(row["patient"])
    return row


def _name_patients(collection: Collection) -> None:
    """Give the rows in a patient's folder that patient, who is one person with those of the PatientIDs in it."""
    parts = [PurePosixPath(row["image"]).parts for row in collection.rows]
    folders = [pseudonym(inside[0]) if len(inside := each[1:]) > 1 else None for each in parts]
    headers = [row.get("patient") for row in collection.rows]
    # One PatientID in all headers is what a hospital writes in place of those that it took out.
    told = len(set(headers) - {None}) > 1
    pairs = {(folder, header) for folder, header in zip(folders, headers, strict=True) if told and folder and header}
    person_of = join_persons(sorted(pairs))
    for row, folder in zip(collection.rows, folders, strict=True):
        if patient := folder or row.get("patient"):
            row["patient"] = person_of.get(patient, patient)
    persons = Counter(person_of[folder] for folder in {folder for folder, _ in pairs})
    if shared := sum(count for count in persons.values() if count > 1):
        collection.notes.append(
            f"{shared} folders of patients have a PatientID in common with another, and count as one patient with it"
        )
