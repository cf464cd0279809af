"""The RSNA 2019 Intracranial Hemorrhage Detection dataset, or a part of it.

`CSV_NAME` in long form (``ID,Label``; ``ID_<id>_<label>``, six rows an image), and beside it a folder of DICOM files,
or of PNG or JPEG exports, named ``ID_<id>``. Masks of the bleeds may lie in `MASKS`, ``ID_<id>.png`` with
`MASK_VALUES`, as `bundle.phantom` writes them. Flanders et al., Radiology: AI 2020, https://doi.org/10.1148/ryai.2020190211
"""

import os
from pathlib import Path

from bundle.datalist import BRAIN, Collection, Row, Skipped
from bundle.errors import InputError
from bundle.files import require_folder
from bundle.gate import require_picture
from bundle.labels import SUBTYPES
from bundle.parallel import map_files
from bundle.readers.formats import DICOM_SUFFIXES, RASTER_SUFFIXES
from bundle.sources.header import read_header
from bundle.sources.identity import add_identities
from bundle.sources.rsna_labels import read_rsna_labels
from bundle.sources.tree import find_files

CSV_NAME = "stage_2_train.csv"
IMAGE_FOLDERS = ("stage_2_train", "images")
MASKS = "masks"
MASK_VALUES = {1: BRAIN, **dict(enumerate(SUBTYPES, start=2))}
SUFFIXES = (*DICOM_SUFFIXES, *RASTER_SUFFIXES)
CORRUPT = {"ID_6431af929": "its pixel data is known to be cut off"}


def read_rsna(
    dataset_dir: Path | str, images: Path | str | None = None, identity: Path | str | None = None
) -> Collection:
    """Read labels and DICOM headers; exports, which have no header, are left without a patient.

    Args:
        dataset_dir: folder of `CSV_NAME`.
        images: folder of the images, relative to `dataset_dir`; the first of `IMAGE_FOLDERS` when None.
        identity: table of whom and what the images are of, relative to `dataset_dir`, see
            `bundle.sources.identity.add_identities`.

    Raises:
        InputError: when CSV or images are missing, the CSV is malformed, or none of the images is in it; see also
            `bundle.sources.identity.add_identities`.
    """
    root = Path(dataset_dir)
    folder = _find_images(root, images)
    labels, skipped, notes = read_rsna_labels(root / CSV_NAME)
    collection = Collection("rsna", [], skipped, notes, MASK_VALUES)
    rejected = {skip.image for skip in skipped}
    files: dict[str, Path] = {}
    for file in find_files(folder, root, collection.skipped, depth=0):
        if file.suffix.lower() not in SUFFIXES:
            reason = f"is no image of a known format; known are {', '.join(SUFFIXES)}"
        elif file.stem in CORRUPT:
            reason = CORRUPT[file.stem]
        elif file.stem in files:
            reason = f"is the same image as {files[file.stem].name}"
        elif file.stem in labels:
            files[file.stem] = file
            continue
        elif file.stem in rejected:
            continue
        else:
            reason = f"has no row in {CSV_NAME}"
        collection.skipped.append(Skipped(file.relative_to(root).as_posix(), reason))
    if not files:
        problem = f"none of the images in {folder} is in {root / CSV_NAME}"
        raise InputError(problem, "name their folder with --images")
    absent = [image for image in labels if image not in files and image not in CORRUPT]
    collection.skipped += [Skipped(image, f"{folder.name} has no image of it") for image in absent]
    _read_rows(collection, root, {file: labels[image] for image, file in files.items()})
    if identity is not None:
        add_identities(collection, identity, root)
    return collection


def _find_images(root: Path, images: Path | str | None) -> Path:
    require_folder(root, f"give the one that holds {CSV_NAME}")
    names = IMAGE_FOLDERS if images is None else (str(images),)
    for name in names:
        # A linked folder stays as it is named: where the link leads to is the machine's business.
        folder = root / name
        if folder.is_dir():
            if not Path(os.path.abspath(folder)).is_relative_to(os.path.abspath(root)):  # noqa: PTH100
                raise InputError(f"the images {folder} are not inside {root}", "move or link them there")
            return root / folder.absolute().relative_to(root.absolute())
    raise InputError(f"has no folder {' or '.join(names)}", "name the images' folder in it with --images", root)


def _read_rows(collection: Collection, root: Path, labels: dict[Path, list[int | None]]) -> None:
    headers = map_files(_read_header, list(labels), "reading headers")
    masks = {file.name for file in (root / MASKS).iterdir()} if (root / MASKS).is_dir() else set()
    for (file, label), header in zip(labels.items(), headers, strict=True):
        image = file.relative_to(root).as_posix()
        if isinstance(header, InputError):
            collection.skipped.append(Skipped.from_error(image, file, header))
        else:
            mask = f"{file.stem}.png"
            found = {"mask": f"{MASKS}/{mask}"} if mask in masks else {}
            collection.rows.append({"image": image, "label": label, **found, **header})


def _read_header(file: Path) -> Row:
    if file.suffix.lower() in DICOM_SUFFIXES:
        return read_header(file)
    require_picture(file)
    return {}
