"""What is bright but no bleed: calcifications and vessels."""

from dataclasses import dataclass

import numpy as np

from bundle.phantom.brain import Brain
from bundle.phantom.membranes import falx_extent
from bundle.phantom.noise import SmoothNoise
from bundle.phantom.shapes import ellipsoid, tube


@dataclass(frozen=True)
class Mimics:
    """How dense a patient's mimics are, as a share of the palette's value; 0 for what the patient lacks.

    Attributes:
        pineal, choroid, ganglia: calcifications of the pineal gland, the choroid plexus and the basal ganglia.
        falx: plaques of calcium in the falx.
        plaque: z of the middle of the plaques.
        sinus: how much denser than brain the blood in the dural sinuses is.
        artery: the same of the middle cerebral and basilar arteries.
        infarct: side of an old infarct, dark: 1 left, -1 right, 0 none.
    """

    pineal: float
    choroid: float
    ganglia: float
    falx: float
    plaque: float
    sinus: float
    artery: float
    infarct: int


def draw_mimics(rng: np.random.Generator, age: int) -> Mimics:
    """Draw the mimics of a patient; calcium grows with age."""

    def density(often: float, low: float, high: float) -> float:
        return rng.uniform(low, high) if rng.random() < often else 0.0

    old = (age - 18) / 78
    return Mimics(
        pineal=density(0.3 + 0.5 * old, 0.4, 1.5),
        choroid=density(0.1 + 0.5 * old, 0.25, 1.3),
        ganglia=density(0.12 * old, 0.3, 0.6),
        falx=density(0.04 + 0.25 * old, 0.4, 2.2),
        plaque=rng.uniform(15, 60),
        sinus=density(0.9, 0.7, 1.35),
        artery=density(0.4, 0.7, 1.25),
        infarct=int(rng.choice((1, -1))) if rng.random() < 0.02 + 0.1 * old else 0,
    )


def calcium(brain: Brain, mimics: Mimics, noise: SmoothNoise) -> list[tuple[np.ndarray, float]]:
    """Return distance, [N], and density of each calcification that the patient has."""
    source, pairs = brain.source, brain.source.mirrored()
    found = []
    if mimics.pineal:
        found.append((ellipsoid(source, (0, 15, 2), (3.2, 4, 3.5)), mimics.pineal))
    if mimics.choroid:
        plexus = ellipsoid(pairs, (24, 27, 10), (2.3, 4.5, 4)) + 1.2 * noise(source, 9, 71)
        found.append((np.maximum(plexus, brain.lateral - 1), mimics.choroid))
    if mimics.ganglia:
        pallidum = ellipsoid(pairs, (20, -14, 1), (3.5, 7, 4)) + 1.5 * noise(source, 9, 72)
        found.append((pallidum, mimics.ganglia))
    if mimics.falx:
        plate = np.maximum(np.abs(source.x) - 1.3, falx_extent(source) + 1)
        lumps = 2 - 4 * noise(source, 26, mimics.plaque)
        found.append((np.maximum(plate, np.maximum(lumps, np.abs(source.z - mimics.plaque) - 16)), mimics.falx))
    return found


def vessels(brain: Brain, mimics: Mimics) -> list[tuple[np.ndarray, float]]:
    """Return distance, [N], and density of the sinuses and arteries that are denser than the brain."""
    source, pairs = brain.source, brain.source.mirrored()
    found = []
    if mimics.sinus:
        along = np.hypot(source.x * 1.1, np.maximum(brain.depth, 0) * 0.8) - 4.2
        sagittal = np.maximum(along, np.maximum(-30 - source.y, -12 - source.z) - 10 * (source.z > 55))
        transverse = tube(pairs, [(3, 83, -22, 3), (30, 76, -25, 3), (48, 58, -28, 3.2), (54, 42, -32, 3.2)])
        straight = tube(source, [(0, 28, -2, 1.8), (0, 80, -20, 2.2)])
        found.append((np.minimum(np.minimum(sagittal, straight), transverse), mimics.sinus))
    if mimics.artery:
        middle = tube(pairs, [(8, -12, -17, 1.4), (22, -18, -15, 1.4), (37, -20, -10, 1.2)])
        basilar = tube(source, [(0, -6, -40, 1.6), (0, -7, -22, 1.6)])
        found.append((np.minimum(middle, basilar), mimics.artery))
    return found


def infarct(brain: Brain, mimics: Mimics, noise: SmoothNoise) -> np.ndarray | None:
    """Return the distance to an old infarct of the middle cerebral artery's territory, [N], or None."""
    if not mimics.infarct:
        return None
    wedge = ellipsoid(brain.source, (mimics.infarct * 50, 2, 14), (24, 30, 22)) + 3 * noise(brain.source, 25, 73)
    return np.maximum(wedge, -brain.fluid)
