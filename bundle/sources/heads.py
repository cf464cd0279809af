"""Whole heads with one label each: a table with one row for each folder of a scan, or for each NIfTI volume.

What was read of a head is no label of its slices: of a head without a bleed all slices are without; of one with a
bleed, nothing is known of any slice. Every row has the head's label as ``study_label``.

In a folder the series is taken that inference would score, see `bundle.sources.unlabelled`, so that what is calibrated
on these heads holds for it.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from bundle.datalist import Collection, Row, Skipped, with_slices
from bundle.errors import InputError
from bundle.files import require_folder
from bundle.labels import ANY_INDEX, label_of_slices
from bundle.parallel.journal import without_journal
from bundle.progress import progress, without_progress
from bundle.readers.formats import Format, image_format
from bundle.sources.header import read_pseudonymous
from bundle.sources.table_columns import KEYS, find_columns
from bundle.sources.table_rows import read_rows
from bundle.sources.unlabelled import find_images


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
        labels,
        classes,
        clinical,
        keys=[key for key in KEYS if key not in ("series", "position")],
    )
    if "slice" in found.keys:
        problem = f"has the column {found.keys['slice']!r} for slices, and a table of heads has one row for each head"
        raise InputError(problem, "read it with the command table, or remove the column", file)
    collection = Collection("heads", [])
    heads = {head: row for (head, _), row in read_rows(collection, file, root, found, first_slice=0).items()}
    slices = {}
    for head in progress(heads, desc="looking at heads", unit="head", delay=1):
        try:
            slices[head] = _read_slices(collection, root, head)
        except InputError as error:
            collection.skipped.append(Skipped.from_error(head, root / head, error))
    repeated = _find_repeated({head: each[0] for head, each in slices.items()}, heads)
    collection.skipped += [Skipped(head, reason) for head, reason in repeated.items()]
    read = {head: row for head, row in heads.items() if head in slices and head not in repeated}
    for head, row in read.items():
        label = {"label": label_of_slices(row["label"]), "study_label": row["label"]}
        collection.rows += [{**each, **row, **label} for each in slices[head]]
    collection.rows = with_slices(collection.rows)
    _add_notes(collection, read.values())
    return collection


def _find_repeated(first: Mapping[str, Row], heads: Mapping[str, Row]) -> dict[str, str]:
    """Return the heads to leave out as they are another head's images too, and why.

    Args:
        first: of each head that was read its first slice.
        heads: what the table says of each.
    """
    holders: dict[str, list[str]] = {}
    for head, row in first.items():
        holders.setdefault(row["image"] if row["study"] == head else row["series"], []).append(head)
    reasons = {}
    for kept, *others in holders.values():
        contradicting = [each for each in others if heads[each]["label"] != heads[kept]["label"]]
        if contradicting:
            reasons[kept] = f"has the images of {contradicting[0]}, and their labels contradict"
        reasons |= {
            each: f"has the images of {kept}" + ", and their labels contradict" * bool(contradicting) for each in others
        }
    return reasons


def _add_notes(collection: Collection, read: Iterable[Row]) -> None:
    known = [row["label"][ANY_INDEX] for row in read]
    collection.notes.append(
        f"{len(known)} heads: {known.count(1)} with a hemorrhage, whose slices have no label of their own, "
        f"{known.count(0)} without, and {known.count(None)} of which neither is known; they calibrate and test "
        "verdicts on heads (--fractions 0,1,0 or 0,0,1), and teach the network nothing"
    )


def _read_slices(collection: Collection, root: Path, head: str) -> list[Row]:
    """Return the rows of the series that is scored, without labels; `study` is the head where there is no UID.

    Raises:
        InputError: when there is none, or more than one.
    """
    path = root / head
    try:
        with without_journal(), without_progress():
            slices, rejected = find_images(path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", "correct the path", path) from None
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
        raise InputError(problem, "name the folder or file of one", path)
    first = slices[0]
    header: Row = {}
    if image_format(Path(first["image"])) is Format.DICOM:
        header = read_pseudonymous(Path(first["image"]))
        # Of this slice alone.
        header.pop("position", None)
    study = first["study"] or head
    of_head = {"patient": study, **header, "study": study, "series": first["series"] if first["study"] else head}
    return [
        {
            **of_head,
            **{key: each[key] for key in ("slice", "position") if each.get(key) is not None},
            "image": Path(each["image"]).relative_to(root.absolute()).as_posix(),
        }
        for each in slices
    ]
