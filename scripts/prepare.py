"""Make the datalist of a dataset, or check one.

python -m scripts.prepare rsna DATASET_DIR
python -m scripts.prepare image_folder DATASET_DIR
python -m scripts.prepare ct_ich DATASET_DIR
python -m scripts.prepare cq500 DATASET_DIR
python -m scripts.prepare table DATASET_DIR TABLE
python -m scripts.prepare heads DATASET_DIR TABLE
python -m scripts.prepare segmentation_masks DATASET_DIR
python -m scripts.prepare prepared DATASET_DIR FOLDERS
python -m scripts.prepare check DATALIST --dataset_dir DATASET_DIR
"""

import functools
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from bundle.datalist import (
    FRACTIONS,
    SECTIONS,
    Collection,
    Leak,
    Leakage,
    PlaceSeen,
    Skipped,
    build_datalists,
    bundle_version,
    check_datalist,
    check_plan,
    format_counts,
    read_datalist,
    write_datalist,
    write_table,
)
from bundle.datalist.kinds import count_other_kinds
from bundle.datalist.schema import row_key
from bundle.errors import InputError
from bundle.files import display_name, require_folder
from bundle.parallel.journal import keep_results
from bundle.sources import (
    MIN_AREA,
    read_cq500,
    read_ct_ich,
    read_heads,
    read_image_folder,
    read_prepared,
    read_rsna,
    read_segmentation_masks,
    read_table,
)

SHOWN = 5
"""How many of a long list are printed."""


def source(read: Callable[..., Collection]) -> Callable[..., None]:
    """Make a command of a function that reads a dataset: its arguments and what it says of them, then `_prepare`'s.

    Args:
        read: a function of ``dataset_dir`` and the options of the source, whose docstring ends with ``Args``.
    """
    own = inspect.signature(read)
    shared = [each for each in inspect.signature(_prepare).parameters.values() if each.kind is each.KEYWORD_ONLY]

    @functools.wraps(read)
    def command(*arguments: Any, **options: Any) -> None:
        chosen = {each.name: options.pop(each.name) for each in shared if each.name in options}
        _prepare(read, own.bind(*arguments, **options).arguments, **chosen)

    command.__signature__ = inspect.Signature([*own.parameters.values(), *shared])  # type: ignore[attr-defined]
    of_command, of_all = inspect.getdoc(read) or "", inspect.getdoc(_prepare) or ""
    command.__doc__ = of_command + "\n    " + of_all.partition("Options:\n")[2].strip()
    return command


def _prepare(
    read: Callable[..., Collection],
    own: Mapping[str, Any],
    *,
    output: str | None = None,
    seed: int = 0,
    fractions: Sequence[float] = FRACTIONS,
    folds: int | None = None,
    name: str | None = None,
    leakage: Leakage = "refuse",
    seen: PlaceSeen = "training",
) -> None:
    """Read a dataset with the source's `own` arguments, build its datalists and write them.

    Options:
        output: the datalist to write, by default DATASET_DIR/datalist.json. Next to it are written the skipped images
            (.skipped.csv), images of the same slice in two sections (.leaks.csv), and, until the command ends,
            intermediate results (.resume.jsonl), with which an interrupted run continues when it is started again.
        seed: seed of the split.
        fractions: fractions of the slices for training, validation and test, for example 0.8,0.1,0.1.
        folds: number of folds for cross-validation; writes datalist_fold0.json and so on. In each, one fold is for
            validation and the others are for training; the test, the third fraction, is the same in all.
        name: name of the datalist, by default that of the source.
        leakage: what to do if images of two patients show the same slice: refuse a split that has them in two
            sections, allow it, or join such patients in one section. skip does not compare the images of known
            patients, which saves reading their pixels. The choice is recorded in the datalist.
        seen: where the patients go whose slices the included weights were trained on, as some of RSNA and CT-ICH:
            training, so that validation and test say what these weights are worth, and what is trained on from them;
            or anywhere, for trainings from random weights alone. With --leakage skip, slices of known patients are
            recognised only by the names of the RSNA challenge.
    """
    dataset_dir = Path(own["dataset_dir"])
    path = Path(output) if output else dataset_dir / "datalist.json"
    # Checked first, because reading a large dataset takes minutes.
    check_plan(fractions, folds, seed)
    for option, value, choices in (("leakage", leakage, get_args(Leakage)), ("seen", seen, get_args(PlaceSeen))):
        if value not in choices:
            raise InputError(f"the {option} {value!r} must be one of {', '.join(choices)}")
    require_folder(dataset_dir, "give the one that holds the dataset")
    if not os.access(path.parent, os.W_OK):
        raise InputError("is no folder that can be written to", "choose another file with --output", path.parent)
    with keep_results(path.with_suffix(".resume.jsonl"), bundle_version()) as journal:
        if len(journal):
            print(f"continuing an interrupted run: {journal.path} has {len(journal)} of its results")
        collection = read(**own)
        try:
            contents = build_datalists(
                collection,
                dataset_dir,
                fractions,
                seed,
                name,
                folds=folds,
                leakage=leakage,
                options=_portable(own, dataset_dir),
                place_seen=seen,
            )
        except InputError:
            _write_skipped(path.with_suffix(".skipped.csv"), collection)
            raise
        for note in collection.notes:
            print(note)
        _write_skipped(path.with_suffix(".skipped.csv"), collection)
        _write_leaks(path.with_suffix(".leaks.csv"), collection, leakage)
        paths = [path] if folds is None else [path.with_stem(f"{path.stem}_fold{fold}") for fold in range(folds)]
        for file, content in zip(paths, contents, strict=True):
            write_datalist(file, content)
    if folds is None:
        print(format_counts({section: contents[0][section] for section in SECTIONS}))
    else:
        held_out = {f"fold {fold}": content["validation"] for fold, content in enumerate(contents)}
        of_folds = {row_key(row) for rows in held_out.values() for row in rows}
        always = [row for row in contents[0]["training"] if row_key(row) not in of_folds]
        print(format_counts({**held_out, **({"training": always} if always else {}), "test": contents[0]["test"]}))
    for file in paths:
        print(f"wrote {file}")


def _portable(own: Mapping[str, Any], dataset_dir: Path) -> dict[str, Any]:
    """Return a source's options as the datalist records them, without a path of this machine."""
    options = {}
    for name, value in own.items():
        path = Path(value) if isinstance(value, str) else Path()
        if path.is_absolute():
            inside = path.is_relative_to(dataset_dir.absolute())
            value = path.relative_to(dataset_dir.absolute()).as_posix() if inside else path.name
        options[name] = value
    del options["dataset_dir"]
    return options


def _write_skipped(path: Path, collection: Collection) -> None:
    write_table(path, Skipped._fields, collection.skipped)
    if collection.skipped:
        print(f"{len(collection.skipped)} skipped, all listed in {path}:")
        _print_some([display_name(f"{image}: {reason}") for image, reason in collection.skipped])


def _write_leaks(path: Path, collection: Collection, leakage: Leakage) -> None:
    if not collection.leaks:
        path.unlink(missing_ok=True)
        return
    write_table(path, Leak._fields, collection.leaks)
    first = collection.leaks[0]
    found = (
        f"{collection.leak_count} pairs of images show the same slice in two sections, as {first.image} (patient "
        f"{first.patient}, {first.section}) and {first.other_image} (patient {first.other_patient}, "
        f"{first.other_section}), see {path}"
    )
    if leakage == "refuse":
        raise InputError(found, "write --leakage join to keep such patients in one section, or --leakage allow")
    print(f"{found}; allowed by --leakage")


def _print_some(lines: Sequence[str]) -> None:
    for line in lines[:SHOWN]:
        print(f"  {line}")
    if len(lines) > SHOWN:
        print(f"  … and {len(lines) - SHOWN} more")


@source
def rsna(dataset_dir: str, images: str | None = None, identity: str | None = None) -> Collection:
    """Make the datalist of the RSNA 2019 hemorrhage dataset, DICOM or PNG, or of a part of it.

    Args:
        dataset_dir: folder that holds stage_2_train.csv and the folder of the images.
        images: its folder of the images, by default stage_2_train or images.
        identity: table in dataset_dir of whom exports without headers are: columns image, and some of patient, study,
            series, position. A series stays in one section.
    """
    return read_rsna(dataset_dir, images, identity)


@source
def image_folder(dataset_dir: str) -> Collection:
    """Make the datalist of images in folders by class: hemorrhage and normal, or the subtypes.

    Images of a patient may be in a folder of the patient inside the class; folders whose DICOM headers have a PatientID
    in common are one patient. If there is neither such a folder nor a DICOM header with the patient, near-duplicate
    images are kept in one section of the split.

    Args:
        dataset_dir: folder that holds the class folders.
    """
    return read_image_folder(dataset_dir)


@source
def ct_ich(dataset_dir: str) -> Collection:
    """Make the datalist of CT-ICH: the NIfTI volumes of PhysioNet, or the older export as JPEG.

    Args:
        dataset_dir: folder of ct_scans, masks and hemorrhage_diagnosis_raw_ct.csv; or of Patients_CT and
            hemorrhage_diagnosis.csv.
    """
    return read_ct_ich(dataset_dir)


@source
def cq500(dataset_dir: str) -> Collection:
    """Make the datalist of CQ500, whose labels are those of whole scans, with one plain thin series of each scan.

    Slices of a scan without a hemorrhage are labelled as normal; the labels of the others are unknown, except that of
    the scan.

    Args:
        dataset_dir: folder of reads.csv and of the scans' folders.
    """
    return read_cq500(dataset_dir)


@source
def prepared(dataset_dir: str, folders: str, datalist: str = "datalist.json") -> Collection:
    """Make one datalist of several data sets that are already prepared; all their rows are split again.

    Args:
        dataset_dir: folder that holds the folders of the data sets.
        folders: names of these folders, separated by commas.
        datalist: name of the datalist in each of them.
    """
    return read_prepared(dataset_dir, folders, datalist)


@source
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
    clinical: str | None = None,
    identity: str | None = None,
) -> Collection:
    """Make the datalist of the images in a table (CSV, TSV or similar), one row for each image or slice of a volume.

    A column with the name of an option is found without the option, and labels are found by their names (epidural …,
    any) and abbreviations (EDH …, ICH). Labels are 1, 0, yes, no, true, false, or nothing for unknown.

    Args:
        dataset_dir: folder to which the images are relative.
        table: the table.
        image: column of the image files.
        labels: columns of the labels, as epidural=COLUMN,any=COLUMN or normal=COLUMN.
        classes: column of the names of classes: normal, hemorrhage or subtypes, several separated by commas.
        slice: column of the slices of volumes, in the order as stored.
        first_slice: number of the first slice in the table, 0 or 1.
        patient: column of the patients; only a hash of it is kept.
        study: column of the studies.
        series: column of the series.
        position: column of the positions in mm.
        age: column of the ages, in years if the value has no unit.
        sex: column of the sexes.
        site: column of the hospitals.
        manufacturer: column of the scanners' manufacturers.
        clinical: columns of further clinical features, as systolic_bp,history or systolic_bp=COLUMN; numbers, or a few
            different texts. Nothing that identifies a person: names, numbers of patients and dates are refused.
        identity: another table, in dataset_dir, of whom the images are: columns image, and some of patient, study,
            series, position. A series stays in one section.
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
    return read_table(dataset_dir, table, columns, labels, classes, first_slice, clinical, identity)


@source
def heads(
    dataset_dir: str,
    table: str,
    image: str | None = None,
    labels: str | None = None,
    classes: str | None = None,
    patient: str | None = None,
    study: str | None = None,
    age: str | None = None,
    sex: str | None = None,
    site: str | None = None,
    manufacturer: str | None = None,
    clinical: str | None = None,
) -> Collection:
    """Make the datalist of whole heads in a table (CSV, TSV or similar), one row with one label for each head.

    A head is a folder, of which the series is taken that inference would score, or a NIfTI volume. Slices of a head
    without a hemorrhage are labelled as normal; the labels of the others are unknown, except that of the head. Such
    heads calibrate and test verdicts on heads. Columns and labels are found as by the command table.

    Args:
        dataset_dir: folder to which the heads are relative.
        table: the table.
        image: column of the folders or volumes.
        labels: columns of the labels, as epidural=COLUMN,any=COLUMN or normal=COLUMN.
        classes: column of the names of classes: normal, hemorrhage or subtypes, several separated by commas.
        patient: column of the patients; only a hash of it is kept.
        study: column of the studies.
        age: column of the ages, in years if the value has no unit.
        sex: column of the sexes.
        site: column of the hospitals.
        manufacturer: column of the scanners' manufacturers.
        clinical: columns of further clinical features, as systolic_bp,history or systolic_bp=COLUMN; numbers, or a few
            different texts. Nothing that identifies a person: names, numbers of patients and dates are refused.
    """
    columns = {
        "image": image,
        "patient": patient,
        "study": study,
        "age": age,
        "sex": sex,
        "site": site,
        "manufacturer": manufacturer,
    }
    return read_heads(dataset_dir, table, columns, labels, classes, clinical)


@source
def segmentation_masks(
    dataset_dir: str,
    images: str | None = None,
    masks: str | None = None,
    values: str | None = None,
    image_suffix: str = "",
    mask_suffix: str = "",
    min_area: float = MIN_AREA,
) -> Collection:
    """Make the datalist of NIfTI volumes that each have a mask of the hemorrhages, such as BHSD and INSTANCE.

    The label of a subtype in a slice is 1 if its area in the mask is at least min_area, 0 if it is nothing, and
    unknown in between.

    Args:
        dataset_dir: folder that holds the folders of the volumes and of the masks.
        images: its folder of the volumes, by default images (BHSD) or data (INSTANCE).
        masks: its folder of the masks, by default "ground truths" (BHSD) or label (INSTANCE).
        values: meaning of the mask values, as 1=epidural,2=subdural or 1=any; by default those of BHSD or INSTANCE.
        image_suffix: end of the name of a volume that its mask does not have, for example _0000.
        mask_suffix: end of the name of a mask that its volume does not have, for example _seg.
        min_area: mm² in a slice.
    """
    return read_segmentation_masks(
        dataset_dir,
        images=images,
        masks=masks,
        values=values,
        image_suffix=image_suffix,
        mask_suffix=mask_suffix,
        min_area=min_area,
    )


def check(datalist: str, dataset_dir: str, pixels: bool = True) -> None:
    """Check a datalist from any program, and print the row and the reason of all problems.

    It checks the format, whether the images exist and can be read, whether masks have the size of their image, and
    whether a patient, an image, or images of the same slice are in two sections. It also counts the rows whose images
    are no axial, unenhanced head CT, which are no problem of the datalist.

    Args:
        datalist: the JSON file.
        dataset_dir: folder to which its images are relative.
        pixels: whether to read all images and masks; otherwise unreadable ones, masks of another size, images of the
            same slice and images of other kinds are not found.
    """
    problems = check_datalist(datalist, dataset_dir, pixels)
    for problem in problems:
        print(problem)
    if problems:
        raise InputError(f"has {len(problems)} problems", "mend them, or prepare it anew", datalist)
    content = read_datalist(datalist)
    print(format_counts({section: content[section] for section in SECTIONS}))
    if pixels:
        others = count_other_kinds([row for section in SECTIONS for row in content[section]], dataset_dir)
        if others:
            named = ", ".join(f"{count} {kind}" for kind, count in others.most_common())
            print(f"{others.total()} rows are no axial, unenhanced head CT ({named}); see docs/gate.md")
    print(f"{datalist} is fine.")


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
            "heads": heads,
            "segmentation_masks": segmentation_masks,
            "prepared": prepared,
            "check": check,
        }
    )
