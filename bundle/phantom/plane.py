"""One infinitely thin plane through a head."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bundle.labels import SUBTYPES
from bundle.phantom.bleeds import Bleed
from bundle.phantom.brain import Brain, find_brain
from bundle.phantom.contrast import BLOOMING, PALETTES, Contrast, Palette, blood
from bundle.phantom.face import paint_face, paint_soft
from bundle.phantom.mimics import Mimics, calcium, infarct, vessels
from bundle.phantom.patient import Patient
from bundle.phantom.points import Points
from bundle.phantom.shapes import paint
from bundle.phantom.skull import inner_table, outer_table, paint_bone

_WALL = 26.0
"""mm from the inner table within which is all of the head but face and neck."""


@dataclass(frozen=True)
class Subject:
    """Who is scanned: a patient with mimics and bleeds."""

    patient: Patient
    mimics: Mimics
    bleeds: tuple[Bleed, ...]


@dataclass(frozen=True)
class Plane:
    """A plane, each array [N].

    Attributes:
        values: HU on CT, else signal; float32.
        inside: whether inside the inner table.
        bleed: 0 none, else the index in `SUBTYPES` plus 1; uint8.
    """

    values: np.ndarray
    inside: np.ndarray
    bleed: np.ndarray


def render_plane(points: Points, subject: Subject, contrast: Contrast, pixel: float) -> Plane:
    """Render the points of a plane.

    Args:
        points: where, in head coordinates.
        subject: who is scanned.
        contrast: of the image.
        pixel: size of a pixel, mm; edges are this soft.
    """
    palette, patient = PALETTES[contrast], subject.patient
    values = np.full(points.x.shape, palette.air, np.float32)
    inside = np.zeros(points.x.shape, bool)
    bleed = np.zeros(points.x.shape, np.uint8)
    head = patient.warp(points)
    inner = inner_table(head)
    near = (inner < _WALL) | ((head.z < 0) & (np.abs(head.x) < 80) & (head.y > -125) & (head.y < 110))
    head, inner, body = head.where(near), inner[near], values[near]
    outer, thickness = outer_table(head, inner, patient)
    paint_soft(body, head, outer, patient, palette, pixel)
    paint_bone(body, head, inner, outer, thickness, patient, palette, pixel)
    paint_face(body, head, patient, palette, pixel)
    brain_region = inner < pixel
    if brain_region.any():
        brain = locate_brain(head.where(brain_region), -inner[brain_region], subject)
        content, kinds = paint_brain(brain, subject, contrast, palette, pixel)
        over = body[brain_region]
        paint(over, -brain.depth, content, pixel)
        body[brain_region] = over
        chosen = np.flatnonzero(near)[brain_region]
        inside[chosen] = brain.depth > 0
        bleed[chosen] = kinds
    values[near] = body
    return Plane(values, inside, bleed)


def locate_brain(points: Points, depth: np.ndarray, subject: Subject) -> Brain:
    """Return the brain at `points`, `depth` mm below the inner table, pushed by the bleeds of `subject`."""
    source, pia, swelling = points, depth, np.zeros_like(depth)
    for bleed in subject.bleeds:
        source = bleed.source(source)
        pia = pia - bleed.thickness(points)
        swelling = swelling + bleed.swelling(points)
    return find_brain(points, depth, source, pia, swelling, subject.patient)


def paint_brain(
    brain: Brain, subject: Subject, contrast: Contrast, palette: Palette, pixel: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of the intracranial space, [N] float32, and its bleeds, [N] uint8."""
    patient = subject.patient
    ct = contrast == "CT"
    grey, white = (palette.grey + patient.grey, palette.white + patient.white) if ct else (palette.grey, palette.white)
    values = np.full(brain.depth.shape, palette.csf, np.float32)
    tissue = np.full_like(values, white)
    # Old white matter is leaky around the ventricles.
    leak = 0.45 * patient.atrophy * np.exp(-np.maximum(brain.lateral, 0) / 7)
    tissue += leak * (palette.oedema - white)
    paint(tissue, brain.fluid - 3.4, grey, 2.5)
    paint(tissue, brain.nuclei, grey, 2.5)
    paint(values, -brain.fluid, tissue, pixel)
    dark = infarct(brain, subject.mimics, patient.noise)
    if dark is not None:
        paint(values, dark, palette.oedema, 4)
    for bleed in subject.bleeds:
        oedema = bleed.oedema(brain)
        if oedema is not None:
            paint(values, oedema, palette.oedema, 3)
    paint(values, brain.ventricles, palette.csf, 1.5 * pixel)
    paint(values, np.minimum(brain.falx, brain.tentorium), palette.dura, pixel)
    paint(values, brain.depth - 0.7, palette.dura, pixel)
    blooming = BLOOMING if contrast == "T2star" else 0.0
    for distance, density in vessels(brain, subject.mimics):
        paint(values, distance, palette.vessel * density if ct else palette.vessel, pixel)
    for distance, density in calcium(brain, subject.mimics, patient.noise):
        paint(values, distance - blooming, palette.calcification * density if ct else palette.calcification, pixel)
    return values, _paint_bleeds(values, brain, subject.bleeds, patient, contrast, pixel)


def _paint_bleeds(
    values: np.ndarray, brain: Brain, bleeds: Sequence[Bleed], patient: Patient, contrast: Contrast, pixel: float
) -> np.ndarray:
    kinds = np.zeros(values.shape, np.uint8)
    for bleed in bleeds:
        distance = bleed.distance(brain)
        near = distance < 3
        if not near.any():
            continue
        value = blood(contrast, bleed.hu)
        # Clots are mottled.
        texture = value * (1 + 0.07 * patient.noise(brain.points.where(near), 13, bleed.hu))
        if contrast == "T2star":
            distance = distance - BLOOMING
        region = values[near]
        paint(region, distance[near], texture, pixel)
        values[near] = region
        if contrast == "T2star":
            distance = distance + BLOOMING
        kinds[(distance < 0) & (brain.depth > 0)] = SUBTYPES.index(bleed.subtype) + 1
    return kinds
