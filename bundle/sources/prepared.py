"""Several prepared data sets as one: the rows of the ``datalist.json`` in each of their folders."""

from collections.abc import Sequence
from pathlib import Path

from bundle.datalist import SECTIONS, Collection, read_datalist
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
    values = {}
    for name in names:
        content = read_datalist(root / name / datalist)
        values.update({name: content["mask_values"]} if content.get("mask_values") else {})
        for row in (row for section in SECTIONS for row in content[section]):
            paths = {key: f"{name}/{row[key]}" for key in ("image", "mask") if row.get(key)}
            collection.rows.append({"site": name, **row, **paths, "patient": f"{name}/{row['patient']}"})
    meanings = list(values.items())
    for name, meaning in meanings[1:]:
        if meaning != meanings[0][1]:
            raise InputError(
                f"the masks of {root / name} and {root / meanings[0][0]} mean different things by their values "
                f"({meaning} and {meanings[0][1]})",
                "prepare them separately",
            )
    if meanings:
        collection.mask_values = {int(value): kind for value, kind in meanings[0][1].items()}
    return collection
