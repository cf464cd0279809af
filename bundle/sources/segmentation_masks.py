"""Volumes with a mask of the bleeds each, in NIfTI, whose slices' labels follow from the masks.

BHSD: ``images/ID_0b10cbee_ID_f91d6a7cd2.nii.gz`` and a mask of the same name in ``ground truths``, with a value a
subtype. Wu et al., MLMI 2023, https://doi.org/10.1007/978-3-031-45673-2_15. INSTANCE 2022: ``data/001.nii.gz`` and
``label/001.nii.gz``, 1 for a bleed of any kind. Li et al., 2023, https://arxiv.org/abs/2301.03281. Others by options.
"""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bundle.datalist import Collection, Row, Skipped
from bundle.errors import InputError
from bundle.labels import ANY, SUBTYPES
from bundle.parallel import map_files
from bundle.readers.formats import NIFTI_SUFFIXES
from bundle.readers.geometry import slice_position
from bundle.readers.nifti import open_nifti, read_nifti, screen_geometry
from bundle.sources.mask_labels import MIN_AREA, find_areas, label_slice, parse_classes
from bundle.sources.paths import relative_path
from bundle.sources.volume import open_volume, same_grid


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
        raise InputError(f"the least area {min_area!r} must be a number of mm² from 0 on; correct --min_area")
    collection = Collection("segmentation_masks", [])
    files = _find_files(root, convention, collection.skipped)
    volumes = _by_stem(files[convention.images], image_suffix, mask_suffix)
    outlines = _by_stem(files[convention.masks], mask_suffix, image_suffix)
    pairs = {file: outlines[stem] for stem, file in volumes.items() if outlines.get(stem, file) != file}
    if not pairs:
        raise InputError(
            f"no volume in {root / convention.images} has a mask of its name in {root / convention.masks}; "
            "name folders and suffixes with --images, --masks, --image_suffix and --mask_suffix"
        )
    paired = {*pairs, *pairs.values()}
    for file in sorted({file for listed in files.values() for file in listed} - paired):
        collection.skipped.append(
            Skipped(file.relative_to(root).as_posix(), "is no volume or mask with its counterpart")
        )
    task = partial(_read_pair, masks=pairs, classes=convention.classes, min_area=min_area)
    for (file, mask), found in zip(pairs.items(), map_files(task, list(pairs), "reading masks"), strict=True):
        image = file.relative_to(root).as_posix()
        if isinstance(found, InputError):
            collection.skipped.append(Skipped.from_error(image, file, found))
            continue
        stem = _stem(file).removesuffix(image_suffix)
        ids = _RSNA_NAME.fullmatch(stem)
        shared = {"image": image, "mask": mask.relative_to(root).as_posix()}
        shared |= {"patient": ids[1], "study": ids[2]} if ids else {"patient": stem}
        collection.rows += [{**shared, **row} for row in found]
    return collection


def _find_convention(root: Path, images: str | None, masks: str | None, values: str | None) -> Convention:
    if not root.is_dir():
        raise InputError(f"{root} is no folder; give the one that holds the volumes' and the masks' folder")
    there = [each for each in CONVENTIONS.values() if (root / each.images).is_dir() and (root / each.masks).is_dir()]
    base = there[0] if len(there) == 1 else None
    images, masks = images or (base and base.images), masks or (base and base.masks)
    if images is None or masks is None:
        known = " or ".join(f"{each.images} and {each.masks} ({name})" for name, each in CONVENTIONS.items())
        raise InputError(f"{root} has not just the folders {known}; name its folders with --images and --masks")
    images, masks = (_find_folder(root, str(name)) for name in (images, masks))
    if values is not None:
        try:
            return Convention(images, masks, parse_classes(str(values)))
        except ValueError as error:
            raise InputError(
                f"the values {values!r} cannot be read: {error}; write --values 1=epidural,2=subdural"
            ) from None
    if base is None or masks != base.masks:
        raise InputError(f"what the values in {root / masks} mean is not known; write --values 1=epidural,2=subdural")
    return Convention(images, masks, base.classes)


def _find_folder(root: Path, name: str) -> str:
    try:
        folder = relative_path(name, root)
    except InputError as error:
        raise InputError(f"the folder is {error}") from None
    if not (root / folder).is_dir():
        raise InputError(f"{root} has no folder {name}; name its folders with --images and --masks")
    return folder


def _find_files(root: Path, convention: Convention, skipped: list[Skipped]) -> dict[str, list[Path]]:
    """Return the NIfTI files of both folders, by name."""
    found: dict[str, list[Path]] = {}
    for folder in dict.fromkeys((convention.images, convention.masks)):
        files = [file for file in sorted((root / folder).iterdir()) if not file.name.startswith(".")]
        found[folder] = [file for file in files if file.name.lower().endswith(NIFTI_SUFFIXES)]
        others = [file.relative_to(root).as_posix() for file in files if file not in found[folder]]
        skipped += [Skipped(name, "is no NIfTI file") for name in others]
    return found


def _stem(file: Path) -> str:
    return re.sub(r"\.nii(\.gz)?$", "", file.name, flags=re.IGNORECASE)


def _by_stem(files: list[Path], suffix: str, other: str) -> dict[str, Path]:
    """Return the files of one suffix by what stands before it; an empty suffix takes all but the other's."""
    others = other if other != suffix else ""
    kept = [file for file in files if _stem(file).endswith(suffix) and not (others and _stem(file).endswith(others))]
    return {_stem(file).removesuffix(suffix): file for file in kept}


def _read_pair(file: Path, masks: Mapping[Path, Path], classes: Mapping[int, str], min_area: float) -> list[Row]:
    mask_file = masks[file]
    image, mask = open_volume(file), open_nifti(mask_file)  # whether the mask is whole shows when it is read
    if not same_grid(image, mask):
        raise InputError(
            f"{file} has the shape {image.shape} and its mask {mask.shape}, or they lie in different places; "
            "resample the mask to the volume"
        )
    outlines, _ = read_nifti(mask_file)
    _, affine, (*_, depth) = screen_geometry(image)
    pixel_area = float(np.linalg.norm(np.cross(affine[:3, 0], affine[:3, 1])))
    try:
        areas = find_areas(outlines, classes, pixel_area)
    except ValueError as error:
        raise InputError(f"{file} has a mask that cannot be read: {error}; name it with --values") from error
    return [
        {
            "slice": index,
            "label": label_slice({name: float(area[index]) for name, area in areas.items()}, min_area),
            "position": round(slice_position(affine, index), 3),
        }
        for index in range(depth)
    ]
