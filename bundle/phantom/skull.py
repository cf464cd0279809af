"""The skull: the inner table, the bone around it, and the air cells in the bone."""

import numpy as np

from bundle.phantom.contrast import Palette
from bundle.phantom.patient import Patient
from bundle.phantom.points import Points
from bundle.phantom.shapes import ellipsoid, paint, smooth_union, tube

_FORAMEN = 4.0
_PETROUS = ((16, -1, -38, 5), (38, 12, -40, 9), (58, 27, -45, 16))


def inner_table(points: Points) -> np.ndarray:
    """Return the distance to the inner table of the skull, [N], negative inside.

    Vault, middle and posterior cranial fossa; the gaps between the fossae are the sphenoid wings and petrous ridges.
    """
    # Steeper walls than an ellipsoid's.
    steep = Points(points.x, points.y, points.z * np.sqrt(np.abs(points.z) / 75) ** 0.7)
    vault = ellipsoid(steep, (0, 0, 0), (67, 86, 75))
    low = points.z < 12
    if not low.any():
        return vault
    part = points.where(low)
    twin = part.mirrored()
    # The floor of the anterior fossa: high over the orbits, low in the middle, and uneven, or one slice were all bone.
    floor = 9 * np.exp(-(((twin.x - 27) / 14) ** 2) - ((part.y + 58) / 20) ** 2) - 26 - 0.09 * part.y
    floor += 2.2 * np.sin(part.x / 5.5 + 1) * np.sin(part.y / 7)
    above_floor = np.maximum(vault[low], 0.9 * (floor - part.z))
    posterior = ellipsoid(part, (0, 46, -32), (53, 44, 34))
    pole = ellipsoid(twin, (34, -34, -26), (15, 15, 14))
    middle = smooth_union(ellipsoid(twin, (43, -13, -23), (23, 27, 26)), pole, 8)
    base = smooth_union(posterior, middle, 3)
    vault[low] = np.maximum(smooth_union(above_floor, base, 6), -tube(twin, _PETROUS))
    return vault


def outer_table(points: Points, inner: np.ndarray, patient: Patient) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance to the outer surface of the bone and the thickness of the bone, each [N] in mm.

    Args:
        points: where, in the standard head.
        inner: distance to the inner table there.
        patient: whose skull it is.
    """
    # The vault is thickest at the forehead and the occiput; the roofs of the orbits are thin.
    wave = np.sin(points.x / 31 + patient.phase) * np.sin(points.y / 37 + points.z / 29)
    thickness = patient.bone * (0.78 + 0.35 * (points.y / 86) ** 2 + 0.002 * np.maximum(points.z, 0) + 0.12 * wave)
    floor = np.clip((-6 - points.z) / 8, 0, 1) * np.clip((-points.y - 10) / 20, 0, 1)
    rim = np.clip(np.hypot(points.x / 62, points.y / 80) * 8 - 7, 0, 1)
    thickness = thickness + (1.3 - thickness) * floor * (1 - rim)
    return inner - thickness, thickness


def paint_bone(
    values: np.ndarray,
    points: Points,
    inner: np.ndarray,
    outer: np.ndarray,
    thickness: np.ndarray,
    patient: Patient,
    palette: Palette,
    pixel: float,
) -> None:
    """Paint bone, diploe and the cells in the bone into `values`, [N], in place.

    Args:
        values: the image so far: scalp and face.
        points: where, in the standard head.
        inner: distance to the inner table.
        outer: distance to the outer table.
        thickness: of the bone.
        patient: whose skull it is.
        palette: values of the tissues.
        pixel: size of a pixel, mm.
    """
    low = bool((points.z < 0).any())
    if low:
        pairs = points.mirrored()
        body = ellipsoid(points, (0, -24, -38), (20, 20, 13))
        outer = np.minimum(outer, np.minimum(tube(pairs, _PETROUS), body))
        outer = np.minimum(outer, ellipsoid(pairs, (47, -34, -22), (9, 5, 16)))
    if patient.sinus > 0.3 and low:
        outer = np.minimum(outer, _frontal_sinus(points, patient) - 2.2)
    paint(values, outer, palette.bone, pixel)
    marrow = (inner > 0) & (outer < 0)
    part = points.where(marrow)
    middle = np.abs(inner[marrow] - thickness[marrow] / 2) - 0.2 * thickness[marrow]
    spongy = values[marrow]
    paint(spongy, middle, palette.diploe * (1 + 0.25 * patient.noise(part, 6, 3)), 2 * pixel)
    values[marrow] = spongy
    if low:
        _paint_cells(values, points, np.maximum(outer, -inner), patient, palette, pixel)


def _frontal_sinus(points: Points, patient: Patient) -> np.ndarray:
    size = patient.sinus
    wave = 2 * np.sin(points.x / 5 + patient.phase) * np.sin(points.z / 6)
    return ellipsoid(points.mirrored(), (11 * size, -91, -10), (14 * size, 5, 17 * size)) + wave


def _paint_cells(
    values: np.ndarray, points: Points, bone: np.ndarray, patient: Patient, palette: Palette, pixel: float
) -> None:
    """Paint frontal and sphenoid sinuses, mastoid cells and ear canals; `bone` is the distance to the bone."""
    if patient.sinus > 0.3:
        paint(values, np.maximum(_frontal_sinus(points, patient), 1 - np.abs(points.x - 2)), palette.air, pixel)
    near = (points.z < -14) & (bone < _FORAMEN)
    if not near.any():
        return
    part, cells = points.where(near), values[near]
    pairs = part.mirrored()
    lobes = 1.5 * patient.noise(part, 18, 6)
    sphenoid = np.maximum(ellipsoid(part, (2, -27, -38), (15, 15, 10)) + lobes, 0.7 - np.abs(part.x - 3))
    paint(cells, sphenoid, palette.air, pixel)
    mastoid = np.maximum(ellipsoid(pairs, (59, 24, -42), (17, 17, 18)), bone[near] + 1.5)
    paint(cells, np.maximum(mastoid, 1.0 - 4 * patient.noise(part, 9, 4)), palette.air, pixel)
    paint(cells, tube(pairs, [(80, 6, -42, 3.5), (52, 6, -42, 3), (38, 10, -40, 2)]), palette.air, pixel)
    values[near] = cells
