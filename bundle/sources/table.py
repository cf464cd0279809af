"""Any table of images: CSV, TSV or the like, one row an image or a slice of a volume.

Columns are found by the names of a row's keys (``image``, ``slice``, ``patient``, ``age`` …), whatever the case, and
those of labels also by their abbreviations and usual spellings (``EDH``, ``subdural hematoma``); others are named by
options. The delimiter is that which gives the first row the most cells.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from bundle.datalist import Collection, Row, Skipped, with_slices
from bundle.errors import InputError
from bundle.files import require_folder
from bundle.gate import require_picture
from bundle.parallel import map_files
from bundle.readers.formats import Format, require_format
from bundle.sources.header import read_pseudonymous
from bundle.sources.identity import add_identities
from bundle.sources.person import pseudonym
from bundle.sources.table_columns import find_columns
from bundle.sources.table_rows import Image, read_rows
from bundle.sources.volume import read_image_volume, slice_order

Content = Row | list[Row]
"""What the header of a slice tells, or that of a volume of each slice, in the order as stored."""


def read_table(
    dataset_dir: Path | str,
    table: Path | str,
    columns: Mapping[str, str | None] | None = None,
    labels: str | None = None,
    classes: str | None = None,
    first_slice: int = 0,
    clinical: str | None = None,
    identity: Path | str | None = None,
) -> Collection:
    """Read the rows of a table whose images are there.

    A patient is kept as a hash, because in a hospital a number or name is one's own. Where the table does not tell,
    patient, study, series, position, age, sex and manufacturer are those of a DICOM header.

    Args:
        dataset_dir: folder to which the images are relative.
        table: the table.
        columns: column of some keys of a row, as `bundle.sources.table_columns.find_columns` takes them.
        labels: columns of labels, as `bundle.sources.table_columns.parse_labels` reads them.
        classes: column of the names of classes.
        first_slice: what the table calls the first slice of a volume, in the order as stored.
        clinical: columns of clinical features, as `bundle.sources.table_columns.parse_clinical` reads them.
        identity: another table, of whom and what the images are of, relative to `dataset_dir`, see
            `bundle.sources.identity.add_identities`.

    Raises:
        InputError: when the table is missing or malformed, or a row has an image outside `dataset_dir` or a value that
            is none of its column; names line and value.
    """
    root, file = require_folder(dataset_dir, "give the one to which the table's images are relative"), Path(table)
    if not isinstance(first_slice, int) or first_slice < 0:
        raise InputError(f"the first slice {first_slice!r} must be a whole number from 0 on", "correct --first_slice")
    found = find_columns(
        file,
        columns or {},
        labels,
        classes,
        clinical,
    )
    collection = Collection("table", [])
    rows = read_rows(collection, file, root, found, first_slice)
    files = sorted({image for image, _ in rows})
    contents = dict(
        zip(files, map_files(_read_image, [root / image for image in files], "reading images"), strict=True)
    )
    _check_count(file, rows, contents, first_slice)
    named = Counter(image for image, _ in rows)
    for (image, index), row in rows.items():
        try:
            if named[image] > 1 and isinstance(contents[image], dict):
                raise InputError(f"is one slice, but the table has {named[image]} rows of it", file=root / image)
            collection.rows.append(
                {**_locate(contents[image], index, root / image, first_slice), **row, "image": image}
            )
        except InputError as error:
            collection.skipped.append(Skipped.from_error(image, root / image, error))
    if identity is not None:
        add_identities(collection, identity, root, pseudonym)
    collection.rows = with_slices(collection.rows)
    strangers = [row for row in collection.rows if not row.get("patient") and isinstance(contents[row["image"]], list)]
    for row in strangers:
        row["patient"] = row["image"]
    if strangers:
        collection.notes.append(f"{len(strangers)} slices have no patient; each volume counts as a patient of its own")
    return collection


def _read_image(file: Path) -> Content:
    """Check an image and return what its header tells."""
    match require_format(file):
        case Format.DICOM:
            return read_pseudonymous(file)
        case Format.NIFTI:
            volume = read_image_volume(file)
            order = slice_order(volume, file)
            return [{"slice": index, "position": volume["positions"][index]} for index in order]
        case Format.RASTER:
            require_picture(file)
            return {}


def _locate(content: Content | InputError, index: int | None, file: Path, first_slice: int) -> Row:
    """Return what is known of a slice, which is counted in the order as stored."""
    if isinstance(content, InputError):
        raise content
    if isinstance(content, dict):
        return content
    if index is None and len(content) > 1:
        raise InputError(f"is a volume of {len(content)} slices", "name the column of the slices with --slice", file)
    index = index or 0
    if index >= len(content):
        problem = f"has {len(content)} slices, but the table names slice {index + first_slice}"
        raise InputError(problem, file=file)
    return content[index]


def _check_count(
    file: Path, rows: Iterable[Image], contents: Mapping[str, Content | InputError], first_slice: int
) -> None:
    """Refuse a table that counts slices from the next number on: every label would be that of a neighbour."""
    lengths = {image: len(content) for image, content in contents.items() if isinstance(content, list)}
    slices = [(image, index) for image, index in rows if index is not None and image in lengths]
    beyond = next((image for image, index in slices if index == lengths[image]), None)
    if beyond is not None and all(index > 0 for _, index in slices):
        raise InputError(
            f"names the slice {lengths[beyond] + first_slice} of {beyond}, which has {lengths[beyond]}, and no slice "
            f"{first_slice} of any volume, so that it seems to count from {first_slice + 1}",
            f"write --first_slice {first_slice + 1}, or remove the rows of slices that do not exist",
            file,
        )
