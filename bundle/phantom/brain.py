"""The brain: where its fluid spaces, membranes and nuclei are."""

from dataclasses import dataclass

import numpy as np

from bundle.phantom.cisterns import basal_cisterns, sylvian_fissures
from bundle.phantom.membranes import falx_extent, tentorium_extent, tentorium_height
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
    tent = tentorium_height(source)
    return Brain(
        points=points,
        depth=depth,
        source=source,
        fluid=_subarachnoid(source, pia, swelling, tent, patient),
        lateral=_lateral_ventricles(source, patient),
        third=ellipsoid(source, (0, -5, -4), (0.4 + 2.1 * patient.ventricles, 14, 11)),
        fourth=ellipsoid(source, (0, 31, -33), (5 + 3 * patient.ventricles, 2 + 3 * patient.ventricles, 9)),
        falx=np.maximum(np.abs(source.x) - 0.8, falx_extent(source)),
        tentorium=np.maximum(0.9 * np.abs(source.z - tent) - 0.8, tentorium_extent(source)),
        nuclei=_nuclei(source.mirrored()),
    )


def _lateral_ventricles(source: Points, patient: Patient) -> np.ndarray:
    distance = np.full_like(source.z, FAR)
    near = np.abs(source.z - 2) < 44
    if near.any():
        part, size = source.where(near), patient.ventricles
        pairs = part.mirrored()
        horns = np.minimum(
            tube(pairs, [(x, y, z, r * size) for x, y, z, r in _LATERAL]),
            tube(pairs, [(x, y, z, r * size) for x, y, z, r in _TEMPORAL]),
        )
        horns += 0.7 * patient.noise(part, 24, 21)
        # The septum pellucidum and the heads of the caudate nuclei.
        horns = np.maximum(horns, 1.2 - pairs.x)
        distance[near] = np.maximum(horns, -ellipsoid(pairs, (16 + 2 * size, -31, 8), (7, 13, 13)))
    return distance


def _subarachnoid(
    source: Points, pia: np.ndarray, swelling: np.ndarray, tent: np.ndarray, patient: Patient
) -> np.ndarray:
    """Return the distance to the subarachnoid space, [N]; arguments as of `find_brain`."""
    wide = patient.atrophy
    x, y, z = np.abs(source.x), source.y, source.z
    # Folds run at right angles to the surface: the noise is mostly a function of the direction from the middle.
    radius = np.sqrt((x / 67) ** 2 + (y / 86) ** 2 + ((z - 5) / 72) ** 2) + 0.05
    pull = 0.35 + 0.65 / radius
    folds = Points(source.x * pull, y * pull, (z - 5) * pull)
    falx = falx_extent(source)
    cortex = np.minimum(pia, np.where(falx < 0, x + 2, FAR))
    reach = np.maximum(13 + 8 * wide + 5 * patient.noise(source, 60, 31), 4)
    width = (0.25 + 1.9 * wide) * np.minimum(1, 1.25 - cortex / reach) + swelling
    fluid = np.abs(patient.noise(folds, 29)) * 4.2 - width + 0.6 * np.maximum(cortex - reach, 0)
    cerebellum = (z < tent) & (y > 4)
    if cerebellum.any():
        part = source.where(cerebellum)
        waves = np.hypot(part.x * 0.8, part.y - 20 - 0.6 * part.z) * 0.75 + patient.noise(part, 40, 13)
        fluid[cerebellum] = np.maximum(1.2 + 2 * np.abs(np.sin(waves)) - 1.3 * wide, pia[cerebellum] - 15)
    surface = pia - 0.6 - 2.2 * wide - np.minimum(swelling, 1)
    fissure = np.where(falx < 3, x - 0.9 - 1.3 * wide, FAR)
    fluid = np.minimum(np.minimum(fluid, surface), fissure)
    low = z < 26
    if low.any():
        part, extra = source.where(low), 0.8 * wide + swelling[low]
        cisterns = np.minimum(sylvian_fissures(part, extra, patient.noise), basal_cisterns(part, extra, patient.noise))
        fluid[low] = np.minimum(fluid[low], cisterns)
    return fluid


def _nuclei(pairs: Points) -> np.ndarray:
    caudate = ellipsoid(pairs, (15, -30, 8), (6, 11, 11))
    lentiform = ellipsoid(pairs, (26, -15, 2), (7.5, 17, 10))
    thalamus = ellipsoid(pairs, (10.5, 2, 6), (8.5, 14, 9))
    return np.minimum(np.minimum(caudate, lentiform), thalamus)
