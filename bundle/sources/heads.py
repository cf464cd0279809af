"""Whole heads with one label each: a table with one row for each folder of a scan, or for each NIfTI volume.

What was read of a head is no label of its slices: of a head without a bleed all slices are without; of one with a
bleed, nothing is known of any slice. Every row has the head's label as ``study_label``.

In a folder the series is taken that inference would score, see `bundle.sources.unlabelled`, so that what is calibrated
on these heads holds for it.
"""

from collections.abc import Mapping
from pathlib import Path

from bundle.datalist import Collection, Row, Skipped, with_slices
from bundle.errors import InputError
from bundle.files import require_folder
from bundle.labels import label_of_slices
from bundle.parallel.journal import without_journal
from bundle.progress import progress, without_progress
from bundle.readers.formats import Format, image_format
from bundle.sources.header import read_header
from bundle.sources.person import pseudonym
from bundle.sources.table_columns import KEYS, find_columns, parse_clinical, parse_labels
from bundle.sources.table_rows import read_rows
from bundle.sources.unlabelled import find_images

OF_SLICES = ("slice", "series", "position")
"""Keys of a row that a table of heads does not tell."""


def read_heads(
    dataset_dir: Path | str,
    table: Path | str,
    columns: Mapping[str, str | None] | None = None,
    labels: str | None = None,
    classes: str | None = None,
    clinical: str | None = None,
) -> Collection:
    """Read one series of each head in a table; why other series and files were not taken is in what was skipped.

    Args:
        dataset_dir: folder to which the heads are relative.
        table: the table; its column ``image`` holds folders, or files of NIfTI volumes.
        columns: column of some keys of a row, as `bundle.sources.table_columns.find_columns` takes them.
        labels: columns of labels, as `bundle.sources.table_columns.parse_labels` reads them.
        classes: column of the names of classes.
        clinical: columns of clinical features, as `bundle.sources.table_columns.parse_clinical` reads them.

    Raises:
        InputError: when the table is missing or malformed, has a column of slices, or a row has a head outside
            `dataset_dir` or a value that is none of its column; names line and value.
    """
    root, file = require_folder(dataset_dir, "give the one to which the table's heads are relative"), Path(table)
    found = find_columns(
        file,
        columns or {},
        None if labels is None else parse_labels(labels),
        classes,
        None if clinical is None else parse_clinical(clinical),
    )
    if "slice" in found.keys:
        problem = f"has the column {found.keys['slice']!r} for slices, and a table of heads has one row for each head"
        raise InputError(problem, "read it with the command table, or remove the column", file)
    found = found._replace(keys={key: found.keys[key] for key in KEYS if key in found.keys and key not in OF_SLICES})
    collection = Collection("heads", [])
    heads = {head: row for (head, _), row in read_rows(collection, file, root, found, first_slice=0).items()}
    holders: dict[str, str] = {}
    strangers = unknown = 0
    for head, row in progress(heads.items(), desc="looking at heads", unit="head", delay=1):
        try:
            slices = _read_slices(collection, root, head)
            holder = holders.setdefault(slices[0]["series"], head)
            if holder != head:
                raise InputError(f"holds the series of {holder}", "remove one of them from the table", root / head)
        except InputError as error:
            collection.skipped.append(Skipped.from_error(head, root / head, error))
            continue
        label = {"label": label_of_slices(row["label"]), "study_label": row["label"]}
        collection.rows += [{"patient": head, **each, **row, **label} for each in slices]
        strangers += "patient" not in row and "patient" not in slices[0]
        unknown += None in label["label"]
    collection.rows = with_slices(collection.rows)
    if strangers:
        collection.notes.append(f"{strangers} heads have no patient; each counts as a patient of its own")
    if unknown:
        collection.notes.append(
            f"the slices of {unknown} of {len(holders)} heads have no label of their own, for a hemorrhage is in some "
            "of them: these heads calibrate and test verdicts, and teach the network nothing"
        )
    return collection


def _read_slices(collection: Collection, root: Path, head: str) -> list[Row]:
    """Return the rows of the series that is scored, without labels.

    Raises:
        InputError: when there is none, or more than one.
    """
    path = root / head
    with without_journal(), without_progress():
        slices, rejected = find_images(path)
    reasons = []
    for each in rejected:
        image = Path(each["image"])
        reasons.append(str(each["reason"]).removeprefix(f"{image} "))
        collection.skipped.append(Skipped(image.relative_to(root.absolute()).as_posix(), reasons[-1]))
    series = {(each["study"], each["series"], each["part"]) for each in slices}
    if not series:
        raise InputError(f"has no series that can be scored ({reasons[0]})", file=path)
    if len(series) > 1:
        problem = f"has {len(series)} series that are scored, and its label does not say of which it is"
        raise InputError(problem, "name the folder of one", path)
    first = Path(slices[0]["image"])
    header: Row = {}
    if image_format(first) is Format.DICOM:
        header = read_header(first)
        if "patient" in header:
            header["patient"] = pseudonym(header["patient"])
    of_head = {"study": slices[0]["study"], "series": slices[0]["series"] if slices[0]["study"] else head}
    return [
        {
            **{key: value for key, value in {**header, **of_head}.items() if value},
            **{key: each[key] for key in ("slice", "position") if each.get(key) is not None},
            "image": Path(each["image"]).relative_to(root.absolute()).as_posix(),
        }
        for each in slices
    ]
