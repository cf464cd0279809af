"""The brain: where its fluid spaces, membranes and nuclei are."""

from dataclasses import dataclass

import numpy as np

from bundle.phantom.patient import Patient
from bundle.phantom.points import Points
from bundle.phantom.shapes import ellipsoid, tube

FAR = 99.0
_LATERAL = (
    (9, -49, 4, 4.5), (9, -33, 13, 6.5), (9, -8, 22, 6), (16, 14, 18, 6.5), (25, 28, 9, 7.5), (23, 54, 3, 3.5),
)  # fmt: skip
_TEMPORAL = ((25, 28, 9, 7.5), (33, 12, -12, 3.5), (31, -14, -24, 2.2))


@dataclass(frozen=True)
class Brain:
    """Signed distances in mm at the points of the intracranial space, each [N] float32, negative inside.

    Attributes:
        points: where, in the standard head.
        depth: below the inner table, positive inside.
        source: where what is here would lie without mass effect.
        fluid: subarachnoid space: sulci, fissures and cisterns; positive in the tissue, its depth below the pia.
        lateral, third, fourth: ventricles.
        falx, tentorium: membranes of the dura.
        nuclei: deep grey matter.
    """

    points: Points
    depth: np.ndarray
    source: Points
    fluid: np.ndarray
    lateral: np.ndarray
    third: np.ndarray
    fourth: np.ndarray
    falx: np.ndarray
    tentorium: np.ndarray
    nuclei: np.ndarray

    @property
    def ventricles(self) -> np.ndarray:
        """Distance to any ventricle."""
        return np.minimum(np.minimum(self.lateral, self.third), self.fourth)


def find_brain(
    points: Points, depth: np.ndarray, source: Points, pia: np.ndarray, swelling: np.ndarray, patient: Patient
) -> Brain:
    """Return the structures of a brain.

    Args:
        points: where, in the standard head.
        depth: below the inner table, mm.
        source: where what is at `points` would lie without mass effect.
        pia: depth below the inner table or, where there is one, below a bleed that lies on the brain, mm.
        swelling: by how much sulci and cisterns are wider (narrower when negative) than this patient's, mm.
        patient: whose brain it is.
    """
    pairs = source.mirrored()
    size = patient.ventricles
    ripple = 0.7 * patient.noise(source, 24, 21)
    lateral = np.minimum(
        tube(pairs, [(x, y, z, r * size) for x, y, z, r in _LATERAL]),
        tube(pairs, [(x, y, z, r * size) for x, y, z, r in _TEMPORAL]),
    )
    # The septum pellucidum and the heads of the caudate nuclei.
    lateral = np.maximum(lateral + ripple, 1.2 - pairs.x)
    lateral = np.maximum(lateral, -ellipsoid(pairs, (16 + 2 * size, -31, 8), (7, 13, 13)))
    tent = tentorium_height(source)
    return Brain(
        points=points,
        depth=depth,
        source=source,
        fluid=_subarachnoid(source, pairs, pia, swelling, tent, patient),
        lateral=lateral,
        third=ellipsoid(source, (0, -5, -4), (0.4 + 2.1 * size, 14, 11)),
        fourth=ellipsoid(source, (0, 31, -33), (5 + 3 * size, 2 + 3 * size, 9)),
        falx=np.maximum(np.abs(source.x) - 0.8, falx_extent(source)),
        tentorium=np.maximum(0.9 * np.abs(source.z - tent) - 0.8, tentorium_extent(source)),
        nuclei=_nuclei(pairs),
    )


def falx_extent(points: Points) -> np.ndarray:
    """Return the distance to the part of the midline plane that the falx fills, [N]."""
    edge = np.sqrt(((points.y + 10) / 42) ** 2 + ((points.z - 5) / 33) ** 2)
    return np.maximum((1 - edge) * 36, tentorium_height(points) - points.z)


def tentorium_height(points: Points) -> np.ndarray:
    """Return the z of the tentorium above or below `points`, [N]."""
    return -4 - 0.36 * np.abs(points.x) - 0.28 * np.maximum(points.y - 26, 0)


def tentorium_extent(points: Points) -> np.ndarray:
    """Return the distance to the part of its surface that the tentorium fills: behind the notch, [N]."""
    notch = 24 - np.sqrt(points.x**2 + (0.8 * (points.y - 4)) ** 2)
    return np.maximum(notch, 4 - points.y)


def _subarachnoid(
    source: Points, pairs: Points, pia: np.ndarray, swelling: np.ndarray, tent: np.ndarray, patient: Patient
) -> np.ndarray:
    wide = patient.atrophy
    x, y, z = pairs.x, source.y, source.z
    cerebellum = (z < tent) & (y > 4)
    # Folds run at right angles to the surface: the noise is mostly a function of the direction from the middle.
    radius = np.sqrt((x / 67) ** 2 + (y / 86) ** 2 + ((z - 5) / 72) ** 2) + 0.05
    pull = (0.35 + 0.65 / radius).astype(np.float32)
    folds = Points(source.x * pull, y * pull, (z - 5) * pull)
    sulci = np.abs(patient.noise(folds, 29)) * 4.2
    cortex = np.minimum(pia, np.where(falx_extent(source) < 0, x + 2, FAR))
    reach = 13 + 8 * wide + 5 * patient.noise(source, 60, 31)
    width = (0.25 + 1.9 * wide) * np.minimum(1, 1.25 - cortex / np.maximum(reach, 4)) + swelling
    sulci = np.where(cerebellum, FAR, sulci - width)
    folia = np.abs(np.sin(np.hypot(x * 0.8, y - 20 - 0.6 * z) * 0.75 + patient.noise(source, 40, 13)))
    folia = np.where(cerebellum, 1.2 + 2 * folia - 1.3 * wide, FAR)
    fluid = np.minimum(pia - 0.6 - 2.2 * wide - np.minimum(swelling, 1), np.minimum(sulci, np.maximum(folia, pia - 9)))
    fissure = np.where(falx_extent(source) < 3, x - 0.9 - 1.3 * wide, FAR)
    return np.minimum(fluid, np.minimum(fissure, _cisterns(source, pairs, 0.8 * wide + swelling, tent)))


def _cisterns(source: Points, pairs: Points, extra: np.ndarray, tent: np.ndarray) -> np.ndarray:
    """Return the distance to Sylvian fissures and basal cisterns, [N]; `extra` is their extra width, mm."""
    x, y, z = pairs.x, source.y, source.z
    insula = np.maximum(np.abs(x - 38 - 0.004 * (y + 14) ** 2) - 0.9 - extra, ellipsoid(pairs, (38, -14, -1), (6, 24, 17)))
    rising = np.abs(z + 3 - 0.3 * (y + 14) + 0.1 * (x - 38)) * 0.93
    operculum = np.maximum(rising - 1.2 - extra, np.maximum(38 - x, np.abs(y + 12) - 30))
    fluid = np.minimum(insula, operculum)
    low = z < 8
    if not low.any():
        return fluid
    part, twin, extra = source.where(low), pairs.where(low), extra[low]
    px, py, pz = twin.x, part.y, part.z
    vallecula = tube(twin, [(9, -14, -20, 2), (24, -19, -17, 2), (38, -22, -8, 1.2)]) - extra
    turn = np.arctan2(px, py + 13)
    pentagon = np.hypot(px, py + 13) - 10.5 - 3.5 * np.cos(5 * turn) - extra
    suprasellar = np.maximum(pentagon, np.abs(pz + 20) - 6)
    # Midbrain and pons stand in a ring of fluid.
    stem = np.hypot(px / 1.25, py - 7 - 0.12 * (pz + 12)) - 13 - 0.08 * np.minimum(0, pz + 14)
    ring = np.maximum(np.abs(stem - 1.8) - 1.3 - extra, np.abs(pz + 24) - 21)
    ring = np.maximum(ring, np.where(pz < -26, py - 12, -FAR))
    quadrigeminal = ellipsoid(part, (0, 22, -5), (12, 4, 7)) - extra
    cerebellar = np.maximum(np.abs(pz - tent[low]) - 1.4 - extra, tentorium_extent(part))
    magna = ellipsoid(part, (0, 80, -46), (9, 9, 14)) - extra
    basal = np.minimum(np.minimum(suprasellar, ring), np.minimum(quadrigeminal, np.minimum(vallecula, magna)))
    fluid[low] = np.minimum(fluid[low], np.minimum(basal, cerebellar))
    return fluid


def _nuclei(pairs: Points) -> np.ndarray:
    caudate = ellipsoid(pairs, (15, -30, 8), (6, 11, 11))
    lentiform = ellipsoid(pairs, (26, -15, 2), (7.5, 17, 10))
    thalamus = ellipsoid(pairs, (10.5, 2, 6), (8.5, 14, 9))
    return np.minimum(np.minimum(caudate, lentiform), thalamus)
