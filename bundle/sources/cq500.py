"""CQ500: 491 head CT scans, each read as a whole by three radiologists.

``reads.csv`` names a scan ``CQ500-CT-0``; its series are the folders in ``CQ500CT0 CQ500CT0/Unknown Study``, at any
depth. One series a scan is taken. Chilamkurthy et al., Lancet 2018, https://doi.org/10.1016/S0140-6736(18)31645-3

What is read of a scan is no label of its slices: of a scan without a bleed all slices are without; of one with a
bleed, nothing is known of any slice. Every row has the scan's label as ``study_label``.
"""

from pathlib import Path
from typing import NamedTuple

from bundle.datalist import Collection, Skipped
from bundle.errors import InputError
from bundle.files import require_folder
from bundle.labels import Label, label_of_slices
from bundle.parallel import map_files
from bundle.sources.cq500_reads import read_reads, scan_number
from bundle.sources.cq500_series import NOTHING, Series, choose_series, read_series
from bundle.sources.header import read_header
from bundle.sources.tree import find_files

CSV_NAME = "reads.csv"


class Scan(NamedTuple):
    """What there is of a scan."""

    folder: Path
    series: dict[Path, list[Path]]
    """The files of each folder, which is a series."""


def read_cq500(dataset_dir: Path | str) -> Collection:
    """Read one series of each scan; why each other was not taken is in what was skipped.

    Args:
        dataset_dir: folder that holds `CSV_NAME` and, at any depth, the folders of the scans.

    Raises:
        InputError: when the CSV is missing or malformed, or there is no folder of any of its scans.
    """
    root = require_folder(dataset_dir, f"give the one that holds {CSV_NAME} and the scans")
    labels, skipped = read_reads(root / CSV_NAME)
    collection = Collection("cq500", [], skipped)
    numbers = {number: name for name in labels if (number := scan_number(name)) is not None}
    folders = _find_scans(root, collection)
    scans = {name: folders.pop(number) for number, name in sorted(numbers.items()) if number in folders}
    if not scans:
        raise InputError(
            f"has no folder of a scan in {root / CSV_NAME}, such as 'CQ500CT0 CQ500CT0'", "unpack them there", root
        )
    rejected = {scan_number(skip.image) for skip in skipped}
    collection.skipped += [
        Skipped(scan.folder.relative_to(root).as_posix(), f"has no row in {CSV_NAME}")
        for number, scan in sorted(folders.items())
        if number not in rejected
    ]
    collection.skipped += [Skipped(name, "there is no folder of it") for name in labels if name not in scans]
    chosen = _choose(collection, root, scans)
    _read_rows(collection, root, chosen, labels)
    return collection


def _find_scans(root: Path, collection: Collection) -> dict[int, Scan]:
    """Return the outermost folder of each scan by its number, and the files in it by their folder."""
    found: dict[int, Scan] = {}
    for file in find_files(root, root, collection.skipped):
        parts = file.relative_to(root).parts[:-1]
        numbers = [scan_number(part) for part in parts]
        depth, number = next(((depth, each) for depth, each in enumerate(numbers, 1) if each is not None), (0, None))
        if number is None:
            continue
        folder = root.joinpath(*parts[:depth])
        first = found.setdefault(number, Scan(folder, {}))
        if folder == first.folder:
            first.series.setdefault(file.parent, []).append(file)
            continue
        second = Skipped(
            folder.relative_to(root).as_posix(),
            f"is a second folder of the scan in {first.folder.relative_to(root).as_posix()}",
        )
        if second not in collection.skipped[-1:]:  # the files of a folder come one after the other
            collection.skipped.append(second)
    return found


def _choose(collection: Collection, root: Path, scans: dict[str, Scan]) -> dict[str, Series]:
    folders = {name: sorted(scan.series) for name, scan in scans.items()}
    every = [folder for each in folders.values() for folder in each]
    looked_at = {
        folder: Series(folder, [], NOTHING, str(found.relative_to(folder))) if isinstance(found, InputError) else found
        for folder, found in zip(every, map_files(read_series, every, "looking at series"), strict=True)
    }
    chosen = {}
    for name, each in folders.items():
        series, reasons = choose_series([looked_at[folder] for folder in each])
        collection.skipped += [
            Skipped(folder.relative_to(root).as_posix(), f"is not the series taken: {reason}")
            for folder, reason in reasons.items()
        ]
        if series is None:
            collection.skipped.append(Skipped(name, "has no plain axial series of the head"))
        else:
            chosen[name] = series
            collection.skipped += [
                Skipped(file.relative_to(root).as_posix(), "is no DICOM file")
                for file in sorted(set(scans[name].series[series.folder]) - set(series.files))
            ]
    collection.notes.append(
        f"one series of each of {len(chosen)} scans is used, the plain one with the thinnest slices, no bone kernel; "
        f"the list of skipped images has the reason for each of the {len(every) - len(chosen)} others"
    )
    return chosen


def _read_rows(collection: Collection, root: Path, chosen: dict[str, Series], labels: dict[str, Label]) -> None:
    files = [(name, file) for name, series in chosen.items() for file in series.files]
    headers = map_files(read_header, [file for _, file in files], "reading headers")
    for (name, file), header in zip(files, headers, strict=True):
        image = file.relative_to(root).as_posix()
        if isinstance(header, InputError):
            collection.skipped.append(Skipped.from_error(image, file, header))
            continue
        row = {"study": name, "series": file.parent.name, **header, "image": image, "patient": name}
        collection.rows.append({**row, "label": label_of_slices(labels[name]), "study_label": labels[name]})
    unknown = sum(None in row["label"] for row in collection.rows)
    collection.notes.append(
        f"{unknown} slices are of scans with a hemorrhage, and their own labels are unknown: use this data set for "
        "testing only, with --fractions 0,0,1"
    )
