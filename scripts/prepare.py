"""Make the datalist of a dataset, or check one.

python -m scripts.prepare rsna DATASET_DIR
python -m scripts.prepare image_folder DATASET_DIR
python -m scripts.prepare ct_ich DATASET_DIR
python -m scripts.prepare cq500 DATASET_DIR
python -m scripts.prepare table DATASET_DIR TABLE
python -m scripts.prepare segmentation_masks DATASET_DIR
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
from bundle.sources import (
    MIN_AREA,
    read_cq500,
    read_ct_ich,
    read_image_folder,
    read_rsna,
    read_segmentation_masks,
    read_table,
)

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


def ct_ich(
    dataset_dir: str,
    output: str | None = None,
    seed: int = 0,
    fractions: Sequence[float] = FRACTIONS,
    name: str | None = None,
) -> None:
    """Make the datalist of CT-ICH: PhysioNet's NIfTI volumes, or the older export as JPEG.

    Args:
        dataset_dir: folder of ct_scans, masks and hemorrhage_diagnosis_raw_ct.csv; or of Patients_CT and
            hemorrhage_diagnosis.csv.
        output: the datalist to write; DATASET_DIR/datalist.json when left out.
        seed: seed of the split.
        fractions: shares of the slices for training, validation and test, as 0.8,0.1,0.1.
        name: name of the datalist; ct_ich when left out.
    """
    _prepare(read_ct_ich, dataset_dir, output, seed, fractions, name)


def cq500(
    dataset_dir: str,
    output: str | None = None,
    seed: int = 0,
    fractions: Sequence[float] = FRACTIONS,
    name: str | None = None,
) -> None:
    """Make the datalist of CQ500, whose labels are of whole scans: one plain thin series a scan.

    Slices of a scan without a bleed are labelled so; those of one with a bleed have no label, but that of their scan.

    Args:
        dataset_dir: folder of reads.csv and of the scans' folders.
        output: the datalist to write; DATASET_DIR/datalist.json when left out.
        seed: seed of the split.
        fractions: shares of the slices for training, validation and test, as 0.8,0.1,0.1.
        name: name of the datalist; cq500 when left out.
    """
    _prepare(read_cq500, dataset_dir, output, seed, fractions, name)


def table(
    dataset_dir: str,
    table: str,
    image: str | None = None,
    labels: str | None = None,
    classes: str | None = None,
    slice: str | None = None,
    first_slice: int = 0,
    patient: str | None = None,
    study: str | None = None,
    series: str | None = None,
    position: str | None = None,
    age: str | None = None,
    sex: str | None = None,
    site: str | None = None,
    manufacturer: str | None = None,
    output: str | None = None,
    seed: int = 0,
    fractions: Sequence[float] = FRACTIONS,
    name: str | None = None,
) -> None:
    """Make the datalist of the images that a table names: CSV, TSV or the like, a row an image or a slice of a volume.

    A column that is called as an option is found without it; so are those of labels by their names (epidural …, any)
    and abbreviations (EDH …, ICH). Labels are 1, 0, yes, no, true, false, or nothing for unknown.

    Args:
        dataset_dir: folder to which the images are relative.
        table: the table.
        image: column of the images' files.
        labels: columns of the labels, as epidural=COLUMN,any=COLUMN or normal=COLUMN.
        classes: column of the names of classes: normal, hemorrhage or subtypes, several with a comma between.
        slice: column of the slices of volumes, in the order as stored.
        first_slice: what the table calls the first slice, 0 or 1.
        patient: column of the patients; only a hash of it is kept.
        study: column of the studies.
        series: column of the series.
        position: column of the positions in mm.
        age: column of the ages, in years where it says no other unit.
        sex: column of the sexes.
        site: column of the hospitals.
        manufacturer: column of the scanners' manufacturers.
        output: the datalist to write; DATASET_DIR/datalist.json when left out.
        seed: seed of the split.
        fractions: shares of the slices for training, validation and test, as 0.8,0.1,0.1.
        name: name of the datalist; table when left out.
    """
    columns = {
        "image": image,
        "slice": slice,
        "patient": patient,
        "study": study,
        "series": series,
        "position": position,
        "age": age,
        "sex": sex,
        "site": site,
        "manufacturer": manufacturer,
    }
    read = partial(
        read_table, table=str(table), columns=columns, labels=labels, classes=classes, first_slice=first_slice
    )
    _prepare(read, dataset_dir, output, seed, fractions, name)


def segmentation_masks(
    dataset_dir: str,
    images: str | None = None,
    masks: str | None = None,
    values: str | None = None,
    image_suffix: str = "",
    mask_suffix: str = "",
    min_area: float = MIN_AREA,
    output: str | None = None,
    seed: int = 0,
    fractions: Sequence[float] = FRACTIONS,
    name: str | None = None,
) -> None:
    """Make the datalist of NIfTI volumes with a mask of the bleeds each, as BHSD's and INSTANCE's.

    A slice shows what has min_area or more in its mask, does not show what has nothing, and the label between is
    unknown.

    Args:
        dataset_dir: folder of the volumes' and the masks' folder.
        images: folder of the volumes in it; images (BHSD) or data (INSTANCE) when left out.
        masks: folder of the masks in it; "ground truths" (BHSD) or label (INSTANCE) when left out.
        values: what the masks' values mean, as 1=epidural,2=subdural or 1=any; BHSD's or INSTANCE's when left out.
        image_suffix: what follows in a volume's name on what it shares with its mask's, as _0000.
        mask_suffix: the same in the mask's name, as _seg.
        min_area: mm² of a slice.
        output: the datalist to write; DATASET_DIR/datalist.json when left out.
        seed: seed of the split.
        fractions: shares of the slices for training, validation and test, as 0.8,0.1,0.1.
        name: name of the datalist; segmentation_masks when left out.
    """
    read = partial(
        read_segmentation_masks,
        images=images,
        masks=masks,
        values=values,
        image_suffix=str(image_suffix),
        mask_suffix=str(mask_suffix),
        min_area=min_area,
    )
    _prepare(read, dataset_dir, output, seed, fractions, name)


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

    run_command(
        {
            "rsna": rsna,
            "image_folder": image_folder,
            "ct_ich": ct_ich,
            "cq500": cq500,
            "table": table,
            "segmentation_masks": segmentation_masks,
            "check": check,
        }
    )
