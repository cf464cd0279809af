"""Make the datalist of a dataset, or check one.

python -m scripts.prepare rsna DATASET_DIR
python -m scripts.prepare image_folder DATASET_DIR
python -m scripts.prepare check DATALIST --dataset_dir DATASET_DIR
"""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bundle.datalist import (
    Collection,
    build_datalist,
    check_datalist,
    format_counts,
    read_datalist,
    write_datalist,
    write_skipped,
)
from bundle.datalist.split import FRACTIONS, check_fractions
from bundle.errors import InputError
from bundle.sources import read_image_folder, read_rsna

SHOWN = 5
"""How many of a long list are printed."""


def rsna(
    dataset_dir: str,
    images: str | None = None,
    output: str | None = None,
    seed: int = 0,
    fractions: Sequence[float] = FRACTIONS,
    name: str | None = None,
) -> None:
    """Make the datalist of the RSNA 2019 hemorrhage dataset, DICOM or PNG, or of a part of it.

    Args:
        dataset_dir: folder that holds stage_2_train.csv and the folder of the images.
        images: folder of the images in it; stage_2_train or images when left out.
        output: the datalist to write; DATASET_DIR/datalist.json when left out.
        seed: seed of the split.
        fractions: shares of the slices for training, validation and test, as 0.8,0.1,0.1.
        name: name of the datalist; rsna when left out.
    """
    _prepare(partial(read_rsna, images=images), dataset_dir, output, seed, fractions, name)


def image_folder(
    dataset_dir: str,
    output: str | None = None,
    seed: int = 0,
    fractions: Sequence[float] = FRACTIONS,
    name: str | None = None,
) -> None:
    """Make the datalist of images in folders by class: hemorrhage and normal, or the subtypes.

    Images of a patient may lie in a folder of the patient inside the class; where neither such a folder nor a DICOM
    header tells the patient, near-duplicate images are kept on one side of the split.

    Args:
        dataset_dir: folder that holds the class folders.
        output: the datalist to write; DATASET_DIR/datalist.json when left out.
        seed: seed of the split.
        fractions: shares of the slices for training, validation and test, as 0.8,0.1,0.1.
        name: name of the datalist; image_folder when left out.
    """
    _prepare(read_image_folder, dataset_dir, output, seed, fractions, name)


def check(datalist: str, dataset_dir: str, pixels: bool = False) -> None:
    """Check a datalist: its form, that the images are there, and that no patient or image is in two sections.

    Args:
        datalist: the JSON file.
        dataset_dir: folder to which its images are relative.
        pixels: whether to read all images, to find those that cannot be read or are identical under two names.
    """
    problems = check_datalist(str(datalist), str(dataset_dir), pixels)
    if problems:
        _print_some(problems)
        raise InputError(f"{datalist} has {len(problems)} problems; mend them, or prepare it anew")
    print(format_counts(read_datalist(str(datalist))))
    print(f"{datalist} is fine.")


def _prepare(
    read: Callable[[str], Collection],
    dataset_dir: str,
    output: str | None,
    seed: int,
    fractions: Sequence[float],
    name: str | None,
) -> None:
    path = Path(str(output)) if output else Path(str(dataset_dir)) / "datalist.json"
    skipped_path = path.with_suffix(".skipped.csv")
    # Checked first, because reading a large dataset takes minutes.
    check_fractions(fractions)
    if Path(str(dataset_dir)).is_dir() and not os.access(path.parent, os.W_OK):
        raise InputError(f"{path.parent} is no folder that can be written to; choose another file with --output")
    collection = read(str(dataset_dir))
    content = build_datalist(collection, str(dataset_dir), fractions, seed, name)
    write_datalist(path, content)
    write_skipped(skipped_path, collection.skipped)
    for note in collection.notes:
        print(note)
    print(format_counts(content))
    if collection.skipped:
        print(f"{len(collection.skipped)} skipped, all listed in {skipped_path}:")
        _print_some([f"{image}: {reason}" for image, reason in collection.skipped])
    print(f"wrote {path}")


def _print_some(lines: Sequence[str]) -> None:
    for line in lines[:SHOWN]:
        print(f"  {line}")
    if len(lines) > SHOWN:
        print(f"  … and {len(lines) - SHOWN} more")


if __name__ == "__main__":
    # Imported here, because each process that reads images imports this module but runs no command.
    from bundle.command import run_command

    run_command({"rsna": rsna, "image_folder": image_folder, "check": check})
