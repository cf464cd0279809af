"""Phantoms on disk, in the layout of the RSNA 2019 hemorrhage challenge.

``stage_2_train/ID_<9 hexadecimal digits>.dcm``, ``stage_2_train.csv`` in long form (``ID,Label``, six rows an image),
and beside them ``masks/ID_<...>.png``: 8-bit, 0 outside the brain, `BRAIN` in it, and a bleed its index in
`bundle.labels.SUBTYPES` plus `FIRST_BLEED`. What else conformant studies hold is in ``others/``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from bundle.errors import InputError
from bundle.files import write_csv
from bundle.labels import LABELS, SUBTYPES
from bundle.parallel import map_in_processes
from bundle.phantom.bleeds import draw_subtypes
from bundle.phantom.companions import companions
from bundle.phantom.dicom import slice_dataset
from bundle.phantom.head import Head, make_head
from bundle.phantom.identity import short_id
from bundle.phantom.manifest import Manifest
from bundle.progress import progress

IMAGES, CSV_NAME, MASKS, OTHERS = "stage_2_train", "stage_2_train.csv", "masks", "others"
BRAIN, FIRST_BLEED = 1, 2

_HEALTHY = 4
"""Patients without a bleed for each five with one, of whom each has another subtype."""


@dataclass(frozen=True)
class PhantomSet:
    """What was written.

    Attributes:
        folder: where.
        patients: number of patients.
        bleeding: number of patients with a bleed that is seen in some slice.
        labels: of each image, keyed by ``ID_<...>`` in the order of the CSV; six values in the order of `LABELS`.
    """

    folder: Path
    patients: int
    bleeding: int
    labels: dict[str, tuple[int, ...]]


def write_phantoms(folder: Path | str, manifest: Manifest, processes: int | None = None) -> PhantomSet:
    """Write a set of phantoms; the bytes depend on `manifest` alone, and a second run writes the same ones again.

    The first patients of a set are those of a smaller set with the same seed.

    Args:
        folder: where; new, empty, or with phantoms of the same manifest.
        manifest: what to make.
        processes: how many work at once; as many as there are cores when None.

    Raises:
        InputError: when a parameter is out of range, or the folder holds something else or cannot be written to.
    """
    manifest.check()
    if processes is not None and (type(processes) is not int or processes < 1):
        raise InputError(f"processes must be a whole number from 1, got {processes!r}")
    root = manifest.claim(folder)
    try:
        others = manifest.conformant is not None and manifest.conformant.others
        for name in (IMAGES, MASKS, *[OTHERS] * others):
            (root / name).mkdir(exist_ok=True)
        patients = list(_write_all(root, manifest, processes))
        labels = dict(sorted(item for patient in patients for item in patient.items()))
        _write_csv(root / CSV_NAME, labels)
    except OSError as error:
        raise InputError(f"cannot be written to ({error.strerror})", "choose another folder", root) from error
    bleeding = sum(any(label[-1] for label in patient.values()) for patient in patients)
    return PhantomSet(root, manifest.patients, bleeding, labels)


def patient_subtypes(seed: int, patient: int) -> tuple[str, ...]:
    """Return which bleeds a patient of a set has: every nine patients hold each subtype, and four without any."""
    block, place = divmod(patient, len(SUBTYPES) + _HEALTHY)
    order = np.random.default_rng([seed, 1, block]).permutation(len(SUBTYPES) + _HEALTHY).tolist()
    if order[place] >= len(SUBTYPES):
        return ()
    return draw_subtypes(np.random.default_rng([seed, 2, patient]), SUBTYPES[order[place]])


def _write_all(root: Path, manifest: Manifest, processes: int | None) -> Iterator[dict[str, tuple[int, ...]]]:
    write = partial(_write_patient, root, manifest)
    patients = map_in_processes(write, range(manifest.patients), manifest.patients, processes)
    yield from progress(patients, total=manifest.patients, desc="making phantoms", unit="patient")


def _write_patient(root: Path, manifest: Manifest, patient: int) -> dict[str, tuple[int, ...]]:
    """Write the slices of a patient and return their labels."""
    seed = int(np.random.SeedSequence([manifest.seed, 0, patient]).generate_state(1)[0])
    head = make_head(
        seed,
        slices=manifest.slices,
        size=manifest.size,
        contrast=manifest.contrast,
        bleed=patient_subtypes(manifest.seed, patient),
        tilt=manifest.tilt,
    )
    source = manifest.source(patient)
    labels = {}
    for index, label in enumerate(head.labels.tolist()):
        name = short_id(9, "image", *source, index)
        dataset = slice_dataset(head, index, source)
        if manifest.conformant:
            manifest.conformant.complete(dataset, head, index, source)
        dataset.save_as(root / IMAGES / f"{name}.dcm", enforce_file_format=True)
        Image.fromarray(_mask(head, index)).save(root / MASKS / f"{name}.png")
        labels[name] = tuple(label)
    if manifest.conformant and manifest.conformant.others:
        for name, dataset in companions(head, source, manifest.conformant):
            dataset.save_as(root / OTHERS / f"{short_id(8, 'patient', *source)}_{name}.dcm", enforce_file_format=True)
    return labels


def _mask(head: Head, index: int) -> np.ndarray:
    bleed = head.bleed[index]
    return np.where(bleed > 0, bleed + (FIRST_BLEED - 1), head.brain[index] * BRAIN).astype(np.uint8)


def _write_csv(file: Path, labels: dict[str, tuple[int, ...]]) -> None:
    rows = (
        (f"{image}_{name}", value) for image, label in labels.items() for name, value in zip(LABELS, label, strict=True)
    )
    write_csv(file, ["ID", "Label"], rows)
