"""Skull, scalp and face: everything of the head outside the intracranial space."""

import numpy as np

from bundle.phantom.contrast import Palette
from bundle.phantom.patient import Patient
from bundle.phantom.points import Points
from bundle.phantom.shapes import ellipsoid, paint, smooth_union, tube

_BLEND = 6.0


def cavity(points: Points) -> np.ndarray:
    """Return the distance to the inner table of the skull, [N], negative inside.

    Vault, middle and posterior cranial fossa; the gaps between the fossae are the sphenoid wings and petrous ridges.
    """
    pairs = points.mirrored()
    vault = np.where(
        points.z > 0,
        ellipsoid(points, (0, 0, 0), (67, 86, 75)),
        ellipsoid(points, (0, 0, 0), (67, 86, 27)),
    )
    low = points.z < 12
    if low.any():
        part, twin = points.where(low), pairs.where(low)
        base = smooth_union(
            ellipsoid(part, (0, 46, -32), (54, 42, 34)), ellipsoid(twin, (43, -15, -25), (22, 29, 26)), 2.0
        )
        vault[low] = smooth_union(vault[low], base, _BLEND)
    return vault


def paint_outside(
    values: np.ndarray, points: Points, inner: np.ndarray, patient: Patient, palette: Palette, pixel: float
) -> None:
    """Paint skull, scalp and face into `values`, [N], in place.

    Args:
        values: the image so far: air.
        points: where, in the standard head.
        inner: distance to the inner table, see `cavity`.
        patient: whose head it is.
        palette: values of the tissues.
        pixel: size of a pixel, mm.
    """
    thickness = patient.bone + 1.2 * patient.noise(points, 90, 11)
    # The vault is thickest at the forehead and the occiput, thinnest at the temples.
    thickness = thickness * (0.75 + 0.4 * (points.y / 86) ** 2 + 0.15 * np.maximum(points.z, 0) / 75)
    outer = inner - np.maximum(thickness, 2.5)
    _paint_soft(values, points, outer, patient, palette, pixel)
    near = (outer < 2 * pixel) & (inner > -2 * pixel)
    bone, part = values[near], points.where(near)
    paint(bone, outer[near], palette.bone, pixel)
    middle = np.abs(inner[near] - thickness[near] / 2) - 0.22 * thickness[near]
    marrow = palette.diploe * (1 + 0.25 * patient.noise(part, 6, 3))
    paint(bone, np.maximum(middle, -22 - part.z), marrow, 2 * pixel)
    values[near] = bone
    _paint_air_cells(values, points, np.maximum(outer, -inner), patient, palette, pixel)


def _paint_soft(
    values: np.ndarray, points: Points, outer: np.ndarray, patient: Patient, palette: Palette, pixel: float
) -> None:
    pairs = points.mirrored()
    surface = outer - patient.scalp * (1 + 0.15 * patient.noise(points, 70, 5))
    temporalis = ellipsoid(pairs, (66, -24, -18), (14, 32, 34))
    surface = smooth_union(surface, temporalis - 3, 8)
    low = points.z < 5
    if low.any():
        face = _face(points.where(low))
        surface[low] = smooth_union(surface[low], face, 8)
    nape = ellipsoid(points, (0, 62, -62), (58, 42, 38))
    paint(values, surface, palette.skin, pixel)
    paint(values, surface + 2, palette.fat, pixel)
    paint(values, np.maximum(temporalis, surface + 3.5), palette.muscle, pixel)
    if low.any():
        # Muscle and fat of the face lie in strands.
        strands = np.maximum(3 - 4 * patient.noise(points, 16, 8), np.maximum(face_depth(points), surface + 3.5))
        paint(values, strands, palette.muscle, pixel)
        paint(values, np.maximum(np.maximum(nape, surface + 4), -1 - 2.5 * patient.noise(points, 14, 2)), palette.muscle, pixel)
        _paint_face(values, points, pairs, palette, patient, pixel)


def _face(points: Points) -> np.ndarray:
    pairs = points.mirrored()
    front = ellipsoid(points, (0, -50, -52), (58, 50, 42))
    nose = ellipsoid(points, (0, -101, -48), (11, 13, 20))
    cheeks = ellipsoid(pairs, (52, -30, -55), (18, 40, 30))
    return smooth_union(smooth_union(front, nose, 8), cheeks, 12)


def face_depth(points: Points) -> np.ndarray:
    """Return the distance to the part of the face that muscles fill, [N]."""
    return ellipsoid(points, (0, -45, -56), (66, 48, 34))


def _paint_face(
    values: np.ndarray, points: Points, pairs: Points, palette: Palette, patient: Patient, pixel: float
) -> None:
    orbit = ellipsoid(pairs, (28, -62, -31), (17, 25, 17))
    wall = np.maximum(np.abs(orbit) - 1.6, -86 - points.y)
    paint(values, wall, palette.bone, pixel)
    cheekbone = tube(pairs, [(46, -66, -44, 4), (60, -50, -45, 3), (66, -22, -45, 2.5), (64, -2, -42, 3)])
    paint(values, cheekbone, palette.bone, pixel)
    paint(values, orbit + 1.2, palette.fat, pixel)
    paint(values, tube(pairs, [(28, -60, -31, 2.2), (13, -36, -30, 2.2)]), palette.muscle, pixel)
    paint(values, tube(pairs, [(18, -76, -31, 1), (15, -55, -31, 2.2), (13, -38, -30, 1)]), palette.muscle, pixel)
    paint(values, tube(pairs, [(39, -76, -31, 1), (35, -55, -31, 2.2), (15, -38, -30, 1)]), palette.muscle, pixel)
    globe = ellipsoid(pairs, (29, -75, -31), (12, 12, 12))
    paint(values, globe, palette.muscle, pixel)
    paint(values, globe + 1.3, palette.vitreous, pixel)
    paint(values, ellipsoid(pairs, (29, -84, -31), (4.5, 2, 4.5)), palette.lens, pixel)
    cells = ellipsoid(points, (0, -64, -38), (11.5, 27, 20))
    paint(values, cells - 1.5, palette.bone, pixel)
    septa = np.minimum(np.abs(points.x), np.abs(patient.noise(points, 11, 7)) * 4) - 0.5
    paint(values, np.maximum(cells, -septa), palette.air, pixel)
    antrum = ellipsoid(pairs, (28, -62, -64), (16, 19, 17))
    paint(values, np.abs(antrum) - 1.2, palette.bone, pixel)
    paint(values, antrum + 1, palette.air, pixel)


def _paint_air_cells(
    values: np.ndarray, points: Points, bone: np.ndarray, patient: Patient, palette: Palette, pixel: float
) -> None:
    """Paint frontal and sphenoid sinuses and mastoid cells into `values`; `bone` is the distance to the bone."""
    pairs = points.mirrored()
    if patient.sinus > 0.3:
        size = patient.sinus
        sinus = ellipsoid(pairs, (11 * size, -91, -12), (15 * size, 5, 17 * size)) + patient.noise(points, 22, 9)
        paint(values, np.maximum(sinus - 2.2, bone - 4), palette.bone, pixel)
        paint(values, np.maximum(sinus, 1 - np.abs(points.x - 2)), palette.air, pixel)
    if not (points.z < -8).any():
        return
    sphenoid = ellipsoid(points, (2, -27, -42), (13, 14, 12))
    paint(values, np.maximum(np.abs(sphenoid) - 1.5, 3 - bone), palette.bone, pixel)
    paint(values, np.maximum(sphenoid, 0.7 - np.abs(points.x - 3)), palette.air, pixel)
    mastoid = np.maximum(ellipsoid(pairs, (59, 18, -38), (17, 17, 19)), bone + 1.2)
    paint(values, np.maximum(mastoid, 1.5 - 4 * patient.noise(points, 9, 4)), palette.air, pixel)
    canal = tube(pairs, [(80, 4, -42, 3.5), (52, 4, -42, 3), (38, 8, -40, 2)])
    paint(values, canal, palette.air, pixel)
