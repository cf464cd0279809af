"""A folder of images by class, as the 7,000 images of the paper come: ``hemorrhage/`` and ``normal/``.

``DATASET_DIR/CLASS/image`` or ``DATASET_DIR/CLASS/PATIENT/…/image``. The folder right beneath the class is the
patient, and one name is one patient in all classes. Without it, the PatientID of a DICOM file is (as a hash, because in
a hospital it names a person); PNG and JPEG files then have none.
"""

from collections.abc import Iterator
from pathlib import Path

from bundle.datalist import Collection, Row, Skipped
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
        inside = file.relative_to(folder).parts
        if isinstance(row, InputError):
            collection.skipped.append(Skipped.from_error(image, file, row))
        elif len(inside) > 1:
            collection.rows.append({**row, "image": image, "label": label, "patient": inside[0]})
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
