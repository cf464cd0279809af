"""Several prepared data sets as one: the rows of the ``datalist.json`` in each of their folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bundle.datalist import SECTIONS, Collection, read_datalist, with_slices
from bundle.errors import InputError


def read_prepared(dataset_dir: Path | str, folders: str | Sequence[str], datalist: str = "datalist.json") -> Collection:
    """Gather the rows of several prepared data sets, which are then split anew.

    A patient keeps the name and gets the data set's before it. Rows that name no site get the data set as their site,
    so that the report tells each set's figures apart.

    Args:
        dataset_dir: the folder that holds the data sets' folders.
        folders: names of the data sets' folders in it, separated by commas.
        datalist: name of the datalist in each of them.

    Raises:
        InputError: when a datalist is missing or malformed, or what the values of their masks mean differs.
    """
    root = Path(dataset_dir)
    names = [each.strip("/ ") for each in (folders.split(",") if isinstance(folders, str) else folders)]
    collection = Collection("prepared", [])
    meanings: dict[str, dict[str, str]] = {}
    for name in names:
        content = read_datalist(root / name / datalist)
        for row in (row for section in SECTIONS for row in content[section]):
            paths = {key: f"{name}/{row[key]}" for key in ("image", "mask") if row.get(key)}
            collection.rows.append({"site": name, **row, **paths, "patient": f"{name}/{row['patient']}"})
            if "mask" in paths:
                # Without a legend, too: with that of another set, 255 would be the nearest of its subtypes.
                meanings[name] = content.get("mask_values") or {}
    collection.rows = with_slices(collection.rows)
    _check_meanings(root, meanings)
    if meanings:
        collection.mask_values = {int(value): kind for value, kind in next(iter(meanings.values())).items()}
    return collection


def _check_meanings(root: Path, meanings: Mapping[str, Mapping[str, str]]) -> None:
    first = next(iter(meanings), "")
    for name, meaning in meanings.items():
        if meaning != meanings[first]:
            raise InputError(
                f"the masks of {root / name} and {root / first} mean different things by their values "
                f"({_say(meaning)}; {_say(meanings[first])})",
                "give the masks of one the values of the other and its datalist the other's mask_values, or remove "
                "'mask' from the rows of one",
            )


def _say(meaning: Mapping[str, str]) -> str:
    return ", ".join(f"{value} {kind}" for value, kind in meaning.items()) or "no mask_values, so all but 0 any"
