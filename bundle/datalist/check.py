"""Whether a datalist, whoever wrote it, can be trained on."""

from pathlib import Path

import numpy as np

from bundle.datalist.duplicates import find_repeats
from bundle.datalist.leakage import find_leaks, find_shared_patients
from bundle.datalist.mask_values import find_mask_value_problems
from bundle.datalist.misfits import find_misfits
from bundle.datalist.read_pixels import read_pixels
from bundle.datalist.schema import SECTIONS, Row, find_problems, locate_rows, row_key, row_name
from bundle.datalist.storage import load
from bundle.files import require_folder
from bundle.labels import check_label


def check_datalist(path: Path | str, dataset_dir: Path | str, pixels: bool = True) -> list[str]:
    """Return a sentence for each problem of a datalist: section, number (from 1) and image of the row, and the reason.

    Found are breaches of the schema, patients in two sections, absent images, and with `pixels` also images that cannot
    be read, masks that cannot, are of another size than their image or have a value without a meaning, identical images
    whose labels contradict, and images that show the same slice in two sections. Rows that break the schema are left
    out of what follows.

    Args:
        path: the datalist.
        dataset_dir: folder to which its images are relative.
        pixels: whether to read all images.

    Raises:
        InputError: when the datalist is missing or no JSON, or `dataset_dir` is no folder.
    """
    content = load(path)
    root = require_folder(dataset_dir, f"set dataset_dir to the one that holds {path}'s images")
    problems = list(find_problems(content))
    located = list(locate_rows(content))
    problems += find_shared_patients(located)
    present = {image: (root / image).exists() for image in {row["image"] for _, _, row in located}}
    absent = [row for row in located if not present[row[2]["image"]]]
    problems += [f"{_place(*row)}: there is no such file in {root}" for row in absent]
    if pixels:
        known = content.get("mask_values") or {} if isinstance(content, dict) else {}
        values = {} if any(find_mask_value_problems(known)) else {int(value): name for value, name in known.items()}
        problems += _find_pixel_problems([row for row in located if present[row[2]["image"]]], root, values)
    return problems


def _find_pixel_problems(located: list[tuple[str, int, Row]], root: Path, values: dict[int, str]) -> list[str]:
    located = sorted(located, key=lambda place: row_key(place[2]))
    rows = [{**row, "label": check_label(row["label"])} for _, _, row in located]
    places = [_place(*place) for place in located]
    digests, thumbnails, problems = read_pixels(rows, root)
    found = [f"{places[index]}: {reason}" for index, reason in problems.items()]
    found += [f"{places[index]}: {reason}" for index, reason in find_misfits(rows, root, values).items()]
    found += [f"{places[index]}: {why.reason}" for index, why in find_repeats(rows, digests).items() if why.contradicts]
    part_of = np.array([SECTIONS.index(section) for section, _, _ in located], dtype=np.int64)
    count, named = find_leaks(thumbnails, part_of)
    for one, two, correlation in named:
        same = "has the pixels of" if digests[one] == digests[two] else f"shows the same (r = {correlation:.4f}) as"
        found.append(f"{places[one]}: {same} {places[two]}; keep them in one section")
    if count > len(named):
        found.append(f"{count - len(named)} more pairs of images show the same slice in two sections")
    return found


def _place(section: str, number: int, row: Row) -> str:
    return f"{section} row {number} ({row_name(row)})"
