"""Scalp and face: what lies outside the skull."""

import numpy as np

from bundle.phantom.contrast import Palette
from bundle.phantom.patient import Patient
from bundle.phantom.points import Points
from bundle.phantom.shapes import ellipsoid, paint, smooth_union, tube


def paint_soft(
    values: np.ndarray, points: Points, outer: np.ndarray, patient: Patient, palette: Palette, pixel: float
) -> None:
    """Paint skin, fat and muscle, without regard to the bone that is painted over them, into `values`, [N], in place.

    Args:
        values: the image so far: air.
        points: where, in the standard head.
        outer: distance to the outer table of the skull.
        patient: whose head it is.
        palette: values of the tissues.
        pixel: size of a pixel, mm.
    """
    surface = outer - patient.scalp * (1 + 0.15 * np.sin(points.y / 21 + patient.phase))
    low = points.z < 18
    muscle = np.full_like(outer, 99)
    if low.any():
        part = points.where(low)
        pairs = part.mirrored()
        temporalis = np.maximum(ellipsoid(pairs, (62, -26, -20), (13, 30, 38)), surface[low] + 2)
        front = smooth_union(
            ellipsoid(part, (0, -48, -50), (60, 52, 44)), ellipsoid(part, (0, -101, -48), (11, 13, 20)), 8
        )
        nape = ellipsoid(part, (0, 62, -66), (56, 40, 36))
        surface[low] = np.minimum(surface[low], np.minimum(smooth_union(surface[low], front, 10), temporalis - 3))
        # Muscle and fat of face and neck lie in strands.
        strands = 1.5 - 4 * patient.noise(part, 17, 8)
        deep = np.minimum(
            np.maximum(ellipsoid(part, (0, -40, -58), (66, 46, 36)), strands), np.maximum(nape, strands - 4)
        )
        muscle[low] = np.minimum(temporalis, np.maximum(deep, surface[low] + 3.5))
    paint(values, surface, palette.skin, pixel)
    paint(values, surface + 2, palette.fat, pixel)
    paint(values, muscle, palette.muscle, pixel)


def paint_face(values: np.ndarray, points: Points, patient: Patient, palette: Palette, pixel: float) -> None:
    """Paint orbits, nose and their sinuses into `values`, [N], in place, over scalp and skull; arguments as above."""
    front = (points.z < -4) & (points.y < 4)
    if not front.any():
        return
    part, face = points.where(front), values[front]
    pairs = part.mirrored()
    orbit = ellipsoid(pairs, (29, -62, -31), (17, 26, 16))
    paint(face, np.maximum(np.abs(orbit) - 1.2, -84 - part.y), palette.bone, pixel)
    paint(face, tube(pairs, [(46, -70, -42, 4), (60, -52, -45, 3), (67, -24, -45, 2.5)]), palette.bone, pixel)
    paint(face, orbit + 0.8, palette.fat, pixel)
    for path in (
        [(29, -60, -31, 2.2), (14, -37, -30, 2.2)],
        [(18, -78, -31, 1), (15.5, -58, -31, 2.2), (14, -38, -30, 1)],
        [(41, -78, -31, 1), (37, -57, -31, 2.2), (16, -38, -30, 1)],
    ):
        paint(face, tube(pairs, path), palette.muscle, pixel)
    globe = ellipsoid(pairs, (30, -77, -31), (12, 12, 12))
    paint(face, globe, palette.muscle, pixel)
    paint(face, globe + 1.3, palette.vitreous, pixel)
    paint(face, ellipsoid(pairs, (30, -86, -31), (4.5, 2, 4.5)), palette.lens, pixel)
    cells = ellipsoid(part, (0, -64, -38), (11.5, 27, 18))
    paint(face, cells - 1, palette.bone, pixel)
    septa = np.minimum(np.abs(part.x), np.abs(patient.noise(part, 11, 7)) * 4) - 0.5
    paint(face, np.maximum(cells, -septa), palette.air, pixel)
    antrum = ellipsoid(pairs, (28, -62, -64), (16, 19, 17))
    paint(face, np.abs(antrum) - 1.2, palette.bone, pixel)
    paint(face, antrum + 1, palette.air, pixel)
    values[front] = face
