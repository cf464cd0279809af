"""Samples of real head CT whose masks come from `bundle.brain_mask_training.skull_strip`."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from monai.data import MetaTensor

from bundle.brain_mask_training.sample import Sample, make_sample
from bundle.brain_mask_training.skull_strip import keep_continuous, skull_strip
from bundle.errors import InputError
from bundle.files import display_name, walk_files
from bundle.intensity import INTENSITY, Intensity
from bundle.readers import HeadImageReader
from bundle.readers.dicom_file import open_dicom

logger = logging.getLogger(__name__)

_LESION_MASK = "_HGE_Seg"


def real_samples(root: Path | str | None, every: Mapping[str, int]) -> list[Sample]:
    """Return samples of real CT: DICOM, or PNG and JPEG in a brain window in which bone is white.

    DICOM slices of one series, and numbered images of one folder (``1.jpg``, ``2.jpg``, …), are stacks, through which
    the brain must go on; all others stand alone. Lesion masks of CT-ICH are left out.

    Args:
        root: folder of the data sets; None for no real images.
        every: folder below the root, searched with its subfolders → n, to take every n-th of its slices only.

    Raises:
        InputError: when a folder does not exist or holds no image.
    """
    samples: list[Sample] = []
    if root is None or not str(root):
        return samples
    for name, step in every.items():
        stacks = find_stacks(Path(root) / name)
        for stack in [stack for stack in stacks if len(stack) == 1][::step]:
            samples.extend(_teach(stack))
        for stack in stacks:
            if len(stack) > 1:
                samples.extend(_teach(stack)[::step])
        logger.info("%d training samples with those of %s", len(samples), name)
    return samples


def find_stacks(folder: Path) -> list[list[Path]]:
    """Return the slices below `folder`, those of one stack together and in order.

    Raises:
        InputError: when the folder does not exist or holds no image.
    """
    stacks: defaultdict[str, list[tuple[float, Path]]] = defaultdict(list)
    for path, problem in walk_files(folder):
        if problem:
            logger.warning("%s %s, and is left out", display_name(path), problem)
            continue
        suffix = path.suffix.lower()
        if suffix == ".dcm":
            dicom = open_dicom(path, header_only=True)
            height = dicom.decimals("ImagePositionPatient", (0.0, 0.0, 0.0))[2]
            stacks[dicom.text("SeriesInstanceUID") or str(path)].append((height, path))
        elif suffix in (".png", ".jpg", ".jpeg") and not path.stem.endswith(_LESION_MASK):
            if path.stem.isdecimal():
                stacks[str(path.parent)].append((int(path.stem), path))
            else:
                stacks[str(path)].append((0, path))
    if not stacks:
        raise InputError("holds no .dcm, .png or .jpg slices", "give a folder of head CT", folder)
    return [[path for _, path in sorted(stack)] for stack in stacks.values()]


def _teach(stack: Sequence[Path]) -> list[Sample]:
    reader = HeadImageReader()
    images, intensities = [], []
    for path in stack:
        array, meta = reader.get_data(reader.read(path))
        images.append(array)
        intensities.append(Intensity(meta[INTENSITY]))
    masks = [
        skull_strip(MetaTensor(torch.from_numpy(image)[None], meta={INTENSITY: intensity}))
        for image, intensity in zip(images, intensities, strict=True)
    ]
    return [
        make_sample(image, mask, intensity, certain=False)
        for image, mask, intensity in zip(images, keep_continuous(masks), intensities, strict=True)
    ]
