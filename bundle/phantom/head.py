"""A head with its image and its truth, made in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bundle.errors import InputError
from bundle.labels import SUBTYPES
from bundle.phantom.bleeds import draw_bleeds, draw_subtypes
from bundle.phantom.contrast import CONTRASTS, Contrast
from bundle.phantom.geometry import Geometry, draw_geometry
from bundle.phantom.mimics import draw_mimics
from bundle.phantom.mr import acquire_mr
from bundle.phantom.patient import draw_patient
from bundle.phantom.plane import Subject, render_plane
from bundle.phantom.scanner import SCANNERS, Scanner, acquire_ct

MIN_AREA = 25.0
"""mm² of a subtype in a slice from which on the slice is labelled with it; less is not seen."""

_PLANES = 3
"""Planes averaged over the thickness of a slice: the partial volume effect."""


@dataclass(frozen=True)
class Head:
    """A scanned head; slices from inferior to superior, rows from anterior, columns from the patient's right.

    Attributes:
        image: [D, H, W] float32; HU, at least -1024, on CT, else arbitrary units.
        brain: [D, H, W] bool; all that is inside the inner table of the skull, bleeds included.
        bleed: [D, H, W] uint8; 0 none, else the index in `bundle.labels.SUBTYPES` plus 1.
        labels: [D, 6] int64 in the order of `bundle.labels.LABELS`; a subtype of at least `MIN_AREA` is 1.
        age: years.
        sex: F or M.
        scanner: which scanner, and how it stores its images.
        geometry: where the slices lie.
        contrast: CT, T1 or T2star.
    """

    image: np.ndarray
    brain: np.ndarray
    bleed: np.ndarray
    labels: np.ndarray
    age: int
    sex: str
    scanner: Scanner
    geometry: Geometry
    contrast: Contrast

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between slices, rows and columns, mm."""
        return self.geometry.spacing


def make_head(
    seed: int,
    *,
    slices: int = 10,
    size: int = 256,
    contrast: Contrast = "CT",
    bleed: Sequence[str] | None = None,
    tilt: float | None = None,
) -> Head:
    """Make the head of a patient: the same arguments give the same bytes.

    Anatomy, positioning and bleeds depend on `seed` alone, so that other contrasts show the same head.

    Args:
        seed: not negative; which patient.
        slices: number of slices, from skull base to vertex.
        size: rows and columns.
        contrast: CT, T1, or T2star, on which blood is dark.
        bleed: names of `bundle.labels.SUBTYPES` that the patient has; () for none, None for chance, which lets about
            half of the patients bleed. A slice is labelled by what is seen in it, see `Head.labels`.
        tilt: of the gantry in degrees, None for the patient's own.

    Raises:
        InputError: for an unknown contrast or subtype, or a number out of range.
    """
    check_arguments(seed=seed, slices=slices, size=size, contrast=contrast)
    for name in bleed or ():
        if name not in SUBTYPES:
            raise InputError(f"there is no bleed {name!r}", f"choose from {', '.join(SUBTYPES)}")
    # One stream each, so that what is drawn in one does not move the others.
    anatomy, position, bleeding, acquisition = (np.random.default_rng([seed, stream]) for stream in range(4))
    patient = draw_patient(anatomy)
    mimics = draw_mimics(anatomy, patient.age)
    geometry = draw_geometry(position, patient.scale, slices, size, None if tilt is None else float(np.deg2rad(tilt)))
    # Drawn even when not used, so that the same bleed looks the same asked for or by chance.
    drawn = draw_subtypes(bleeding)
    subtypes = drawn if bleed is None else tuple(name for name in SUBTYPES if name in bleed)
    bleeds = draw_bleeds(bleeding, subtypes, patient.noise, geometry.snap, geometry.down)
    subject = Subject(patient, mimics, bleeds)
    planes, brain, mask = _render(subject, geometry, contrast)
    scanner = SCANNERS[acquisition.integers(len(SCANNERS))]
    acquire = partial(acquire_ct, scanner=scanner) if contrast == "CT" else acquire_mr
    return Head(
        image=acquire(acquisition, planes, geometry),
        brain=brain,
        bleed=mask,
        labels=_label(mask, geometry.pixel),
        age=patient.age,
        sex=patient.sex,
        scanner=scanner,
        geometry=geometry,
        contrast=contrast,
    )


def check_arguments(*, seed: int, slices: int, size: int, contrast: str) -> None:
    """Check the arguments of `make_head`.

    Raises:
        InputError: for an unknown contrast or a number out of range.
    """
    if contrast not in CONTRASTS:
        raise InputError(f"there is no contrast {contrast!r}", f"choose from {', '.join(CONTRASTS)}")
    for name, value, low, high in (("seed", seed, 0, 2**63), ("slices", slices, 1, 500), ("size", size, 32, 2048)):
        if type(value) is not int or not low <= value <= high:
            raise InputError(f"{name} must be a whole number from {low} to {high}, got {value!r}")


def _render(subject: Subject, geometry: Geometry, contrast: Contrast) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values, float32, the brain, bool, and the bleeds, uint8, each [D, H, W], before acquisition."""
    shape = (len(geometry.heights), geometry.size, geometry.size)
    values, brain, bleeds = np.empty(shape, np.float32), np.empty(shape, bool), np.empty(shape, np.uint8)
    offsets = ((np.arange(_PLANES) + 0.5) / _PLANES - 0.5) * geometry.thickness
    for index, height in enumerate(geometry.heights):
        planes = [
            render_plane(geometry.points(height + offset), subject, contrast, geometry.pixel)
            for offset in offsets.tolist()
        ]
        values[index] = np.mean([plane.values for plane in planes], axis=0).reshape(shape[1:])
        kinds = np.stack([plane.bleed for plane in planes])
        bled = (kinds > 0).sum(axis=0) * 2 > _PLANES
        bleeds[index] = np.where(bled, np.median(kinds, axis=0), 0).reshape(shape[1:])
        inside = np.sum([plane.inside for plane in planes], axis=0) * 2 > _PLANES
        brain[index] = (inside | bled).reshape(shape[1:])
    return values, brain, bleeds


def _label(bleeds: np.ndarray, pixel: float) -> np.ndarray:
    areas = np.stack([(bleeds == index + 1).sum(axis=(1, 2)) for index in range(len(SUBTYPES))], axis=1) * pixel**2
    subtypes = (areas >= MIN_AREA).astype(np.int64)
    return np.concatenate([subtypes, subtypes.max(axis=1, keepdims=True)], axis=1)
