"""Who and what an image is of, from a table beside exports that have no header."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Set
from pathlib import Path, PurePosixPath
from typing import Any

from bundle.datalist import Collection, Row
from bundle.errors import InputError
from bundle.sources.delimited import columns_called, find_delimiter, only_column, read_columns
from bundle.sources.paths import image_stem, relative_path
from bundle.sources.table_labels import known_name

KEYS = ("patient", "study", "series", "position")
_REMEDY = "give a table with the column image and some of patient, study, series, position"


def add_identities(
    collection: Collection, file: Path | str, root: Path, of_patient: Callable[[str], str] = str
) -> None:
    """Give the rows of a collection what a table says of their images; what a header says counts more.

    Args:
        collection: whose rows are completed, and which is told of how many nothing is known.
        file: CSV, TSV or similar with the column ``image``, a file as in the rows, its name, or its name without
            suffix, and some of `KEYS`, in any case; a cell of `bundle.sources.table_labels.MISSING`, as an empty
            one, is unknown.
        root: folder to which `file` and the images are relative.
        of_patient: what is kept of a patient's name.

    Raises:
        InputError: when the table is missing or malformed, has two columns of a key, names an image twice or outside
            `root`, has a name that several images have, or a position that is no number, or knows none of the images.
    """
    known = _read(root / file, root, of_patient)
    names = _names_of({row["image"] for row in collection.rows})
    _check_names(known, names, root / file)
    found = 0
    for row in collection.rows:
        identity = next((known[name] for name in names[row["image"]] if name in known), None)
        if identity is not None:
            found += 1
            row.update({key: value for key, value in identity.items() if row.get(key) in (None, "")})
    if collection.rows and not found:
        raise InputError(f"knows none of the {len(collection.rows)} images", _REMEDY, root / file)
    if missing := len(collection.rows) - found:
        collection.notes.append(f"{missing} images are not in {Path(file).name}")


def _names_of(images: Set[str]) -> dict[str, list[str]]:
    """Return how a table may name each image: its path, its name and its name without suffix, if no path of another."""
    paths = {image: PurePosixPath(image) for image in images}
    return {
        image: [image, *(name for name in (path.name, image_stem(path)) if name not in images)]
        for image, path in paths.items()
    }


def _check_names(known: Mapping[str, Row], names: Mapping[str, list[str]], file: Path) -> None:
    named: defaultdict[str, set[str]] = defaultdict(set)
    for image, each in names.items():
        for name in each:
            named[name].add(image)
    for name in known:
        if len(named.get(name, ())) > 1:
            first, second, *_ = sorted(named[name])
            raise InputError(f"names the image {name}, which is {first} and {second}", "write the path", file)


def _read(file: Path, root: Path, of_patient: Callable[[str], str]) -> dict[str, Row]:
    delimiter, header = find_delimiter(file, _REMEDY)
    columns = {
        key: only_column(file, same, key, "rename or remove all but one")
        for key in ("image", *KEYS)
        if (same := columns_called(header, key))
    }
    keys = [key for key in KEYS if key in columns]
    if "image" not in columns or not keys:
        raise InputError(f"has the columns {', '.join(header)}", _REMEDY, file)
    read: dict[str, Callable[[str], Any]] = {"patient": of_patient, "position": float}
    known: dict[str, Row] = {}
    for line, (named, *cells) in read_columns(file, list(columns.values()), _REMEDY, delimiter):
        try:
            image = relative_path(named, root)
        except InputError as error:
            raise InputError(f"line {line} has the image {error.problem}", error.remedy, file) from None
        if image in known:
            raise InputError(f"line {line} names the image {image} again", "keep one line of it", file)
        try:
            values = {
                key: read.get(key, str)(text)
                for key, cell in zip(keys, cells, strict=True)
                if (text := known_name(cell))
            }
            if not math.isfinite(values.get("position", 0)):
                raise ValueError
        except ValueError:
            raise InputError(f"line {line} has a position that is no number", "write mm, as -12.5", file) from None
        known[image] = values
    return known
