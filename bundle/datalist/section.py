"""A section of a datalist as rows for a MONAI dataset."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bundle.clinical import clinical_vector
from bundle.datalist.schema import NUMBER_KEYS, SECTIONS, TEXT_KEYS, Row
from bundle.datalist.storage import read_datalist
from bundle.errors import InputError
from bundle.files import require_folder
from bundle.labels import LABELS, UNKNOWN, Label


def check_section(section: str) -> None:
    """Check that a datalist has such a section.

    Raises:
        InputError: when it has not.
    """
    if section not in SECTIONS:
        raise InputError(f"a datalist has the sections {', '.join(SECTIONS)}, not {section!r}", "name one of them")


def read_section(
    path: Path | str,
    section: str,
    dataset_dir: Path | str,
    numbers: Sequence[str] = (),
    categories: Sequence[str] = (),
    may_be_empty: bool = False,
) -> list[Row]:
    """Read the rows of one section, all with the same keys, so that ``default_collate`` takes a batch of them.

    Args:
        path: the datalist.
        section: "training", "validation" or "test".
        dataset_dir: folder to which the images are relative.
        numbers: names of numeric clinical features.
        categories: names of categorical ones.
        may_be_empty: whether the section may have no rows.

    Returns:
        Rows in which ``image`` is an absolute path (str), ``label`` a float32 array [6] with `bundle.labels.UNKNOWN`
        for null, ``patient``, ``study``, ``series``, ``sex``, ``site`` and ``manufacturer`` are texts ("" where
        unknown), ``position`` (mm) and ``age`` (years) are floats (NaN where unknown); ``slice`` (int) is there
        where the section's images are volumes. ``mask`` is an absolute path ("" where there is none) and
        ``study_label`` as ``label``, all null where nothing was read of the study as a whole. ``clinical`` is the
        row's `bundle.clinical.clinical_vector`, of length 0 where no feature is named.

    Raises:
        InputError: when the datalist is missing or invalid, `dataset_dir` is no folder, the section has no rows and may
            not be empty, or a numeric feature is a text.
    """
    check_section(section)
    rows = read_datalist(path)[section]
    folder = require_folder(dataset_dir, f"set dataset_dir to the one that holds {path}'s images")
    if not rows and not may_be_empty:
        raise InputError(f"has no rows in the section {section!r}", "prepare it with a larger fraction", path)
    folder = folder.resolve()
    return [{**_collatable(row, folder), "clinical": clinical_vector(row, numbers, categories)} for row in rows]


def _collatable(row: Row, folder: Path) -> Row:
    result: Row = {"image": str(folder / row["image"]), "label": _values(row["label"]), "patient": row["patient"]}
    if "slice" in row:
        result["slice"] = row["slice"]
    result.update({key: row.get(key, "") for key in TEXT_KEYS})
    result.update({key: float(row.get(key, "nan")) for key in NUMBER_KEYS})
    result["mask"] = str(folder / row["mask"]) if "mask" in row else ""
    result["study_label"] = _values(row.get("study_label", [None] * len(LABELS)))
    return result


def _values(label: Label) -> NDArray[np.float32]:
    return np.array([UNKNOWN if value is None else value for value in label], dtype=np.float32)
