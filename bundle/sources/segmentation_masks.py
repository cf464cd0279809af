"""Volumes with a mask of the bleeds each, in NIfTI, whose slices' labels follow from the masks.

BHSD: ``images/ID_0b10cbee_ID_f91d6a7cd2.nii.gz`` and a mask of the same name in ``ground truths``, with a value a
subtype. Wu et al., MLMI 2023, https://doi.org/10.1007/978-3-031-45673-2_15. INSTANCE 2022: ``data/001.nii.gz`` and
``label/001.nii.gz``, 1 for a bleed of any kind. Li et al., 2023, https://arxiv.org/abs/2301.03281. Others by options.
"""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypedDict

import numpy as np

from bundle.datalist import Collection, Row, Skipped
from bundle.errors import InputError
from bundle.files import require_folder
from bundle.labels import ANY, SUBTYPES
from bundle.parallel import map_files
from bundle.readers.formats import NIFTI_SUFFIXES
from bundle.readers.nifti import open_nifti, read_nifti
from bundle.sources.mask_labels import MIN_AREA, find_areas, label_slice, parse_classes
from bundle.sources.paths import image_stem, relative_path
from bundle.sources.tree import find_files
from bundle.sources.volume import Volume, describe_volume, read_image_volume, same_grid


class Convention(NamedTuple):
    """Where a data set has its images and masks, and what the masks' values mean."""

    images: str
    masks: str
    classes: Mapping[int, str]


CONVENTIONS = {
    "BHSD": Convention("images", "ground truths", dict(enumerate(SUBTYPES, start=1))),
    "INSTANCE": Convention("data", "label", {1: ANY}),
}
_RSNA_NAME = re.compile(r"(ID_[0-9a-f]{8})_(ID_[0-9a-f]{10})")


def read_segmentation_masks(
    dataset_dir: Path | str,
    images: str | None = None,
    masks: str | None = None,
    values: str | None = None,
    image_suffix: str = "",
    mask_suffix: str = "",
    min_area: float = MIN_AREA,
) -> Collection:
    """Read volumes whose mask is of the same name, and label each slice by `bundle.sources.mask_labels.label_slice`.

    A volume is its own patient, unless its name is made of RSNA's ids of patient and study, as BHSD's are.

    Args:
        dataset_dir: folder of the two folders; of one of `CONVENTIONS` where nothing else is said.
        images: folder of the volumes in it.
        masks: folder of the masks in it, which may be the same.
        values: what the masks' values mean, as `bundle.sources.mask_labels.parse_classes` reads it.
        image_suffix: what a volume's name ends with before ``.nii`` or ``.nii.gz``, as ``_0000`` does.
        mask_suffix: the same for its mask, as ``_seg``.
        min_area: mm² in a slice from which on it shows a bleed.

    Raises:
        InputError: when folders or values are missing or wrong, or there is no pair of volume and mask.
    """
    root = Path(dataset_dir)
    convention = _find_convention(root, images, masks, values)
    if not isinstance(min_area, int | float) or min_area < 0:
        raise InputError(f"the least area {min_area!r} must be a number of mm² from 0 on", "correct --min_area")
    collection = Collection("segmentation_masks", [], mask_values=convention.classes)
    files = _find_files(root, convention, collection.skipped)
    image_files = _by_stem(files[convention.images], image_suffix, mask_suffix)
    mask_files = _by_stem(files[convention.masks], mask_suffix, image_suffix)
    pairs = {file: mask_files[stem] for stem, file in image_files.items() if mask_files.get(stem, file) != file}
    if not pairs:
        raise InputError(
            f"no volume in {root / convention.images} has a mask of its name in {root / convention.masks}",
            "name folders and suffixes with --images, --masks, --image_suffix and --mask_suffix",
        )
    paired = {*pairs, *pairs.values()}
    for file in sorted({file for listed in files.values() for file in listed} - paired):
        collection.skipped.append(
            Skipped(file.relative_to(root).as_posix(), "is no volume or mask with its counterpart")
        )
    # Lists, so that one is read after the other.
    volumes = list(map_files(read_image_volume, list(pairs), "reading volumes"))
    outlines = list(map_files(partial(_read_mask, classes=convention.classes), list(pairs.values()), "reading masks"))
    for (file, mask_file), volume, mask in zip(pairs.items(), volumes, outlines, strict=True):
        image, mask_name = (each.relative_to(root).as_posix() for each in (file, mask_file))
        if isinstance(volume, InputError):
            collection.skipped.append(Skipped.from_error(image, file, volume))
        elif isinstance(mask, InputError):
            reason = Skipped.from_error(mask_name, mask_file, mask).reason
            collection.skipped.append(Skipped(image, f"has a mask, {mask_name}, which {reason}"))
        elif not same_grid(volume, mask["volume"]):
            reason = f"has the shape {volume['shape']} and its mask {mask['volume']['shape']}, or they lie elsewhere"
            collection.skipped.append(Skipped(image, f"{reason}; resample the mask to the volume"))
        else:
            shared = {"image": image, "mask": mask_name, **_patient(image_stem(file).removesuffix(image_suffix))}
            for index, position in enumerate(volume["positions"]):
                label = label_slice({name: area[index] for name, area in mask["areas"].items()}, min_area)
                collection.rows.append({**shared, "slice": index, "label": label, "position": position})
    return collection


def _patient(stem: str) -> Row:
    ids = _RSNA_NAME.fullmatch(stem)
    return {"patient": ids[1], "study": ids[2]} if ids else {"patient": stem}


def _find_convention(root: Path, images: str | None, masks: str | None, values: str | None) -> Convention:
    require_folder(root, "give the one that holds the volumes' and the masks' folder")
    there = [each for each in CONVENTIONS.values() if (root / each.images).is_dir() and (root / each.masks).is_dir()]
    base = there[0] if len(there) == 1 else None
    images, masks = images or (base and base.images), masks or (base and base.masks)
    if images is None or masks is None:
        known = " or ".join(f"{each.images} and {each.masks} ({name})" for name, each in CONVENTIONS.items())
        raise InputError(f"has not just the folders {known}", "name its folders with --images and --masks", root)
    images, masks = (_find_folder(root, name) for name in (images, masks))
    if values is not None:
        try:
            return Convention(images, masks, parse_classes(values))
        except ValueError as error:
            raise InputError(
                f"the values {values!r} cannot be read: {error}", "write --values 1=epidural,2=subdural"
            ) from None
    if base is None or masks != base.masks:
        problem = f"what the values in {root / masks} mean is not known"
        raise InputError(problem, "write --values 1=epidural,2=subdural")
    return Convention(images, masks, base.classes)


def _find_folder(root: Path, name: str) -> str:
    try:
        folder = relative_path(name, root)
    except InputError as error:
        raise InputError(f"the folder is {error.problem}", error.remedy) from None
    if not (root / folder).is_dir():
        raise InputError(f"has no folder {name}", "name its folders with --images and --masks", root)
    return folder


def _find_files(root: Path, convention: Convention, skipped: list[Skipped]) -> dict[str, list[Path]]:
    """Return the NIfTI files of both folders, by name."""
    found: dict[str, list[Path]] = {}
    for folder in dict.fromkeys((convention.images, convention.masks)):
        files = list(find_files(root / folder, root, skipped, depth=0))
        found[folder] = [file for file in files if file.name.lower().endswith(NIFTI_SUFFIXES)]
        others = [file.relative_to(root).as_posix() for file in files if file not in found[folder]]
        skipped += [Skipped(name, "is no NIfTI file") for name in others]
    return found


def _by_stem(files: list[Path], suffix: str, other: str) -> dict[str, Path]:
    """Return the files of one suffix by what stands before it; an empty suffix takes all but the other's."""
    others = other if other != suffix else ""
    kept = [
        file
        for file in files
        if image_stem(file).endswith(suffix) and not (others and image_stem(file).endswith(others))
    ]
    return {image_stem(file).removesuffix(suffix): file for file in kept}


class _Mask(TypedDict):
    volume: Volume
    areas: dict[str, list[float]]
    """mm² of each class in each slice as read, as `find_areas` gives them."""


def _read_mask(file: Path, classes: Mapping[int, str]) -> _Mask:
    array, meta = read_nifti(file)
    affine = meta["affine"]
    try:
        areas = find_areas(array, classes, float(np.linalg.norm(np.cross(affine[:3, 0], affine[:3, 1]))))
    except ValueError as error:
        raise InputError(str(error), "give it with --values", file) from error
    return {
        "volume": describe_volume(open_nifti(file)),
        "areas": {name: area.tolist() for name, area in areas.items()},
    }
