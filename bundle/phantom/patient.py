"""One patient: age, sex, and the random shape of the head."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bundle.phantom.noise import SmoothNoise
from bundle.phantom.points import Points


@dataclass(frozen=True)
class Patient:
    """What is particular to a patient; lengths in mm of a head of standard size.

    Attributes:
        age: years.
        sex: as in DICOM.
        scale: size of the head along x, y and z as a share of the standard one.
        egg: how much wider the back of the head is than its front.
        bend: amplitude of the head's asymmetry, mm.
        phase: where the asymmetry lies, radians.
        atrophy: 0 (young) to 1 (wide sulci and ventricles).
        ventricles: radius of the ventricles as a share of the standard one.
        bone: thickness of the skull.
        scalp: thickness of the scalp.
        sinus: size of the frontal sinus, 0 for none.
        grey, white: how far this patient's tissues are from the palette, HU.
        noise: the patient's own random field.
    """

    age: int
    sex: Literal["F", "M"]
    scale: tuple[float, float, float]
    egg: float
    bend: float
    phase: float
    atrophy: float
    ventricles: float
    bone: float
    scalp: float
    sinus: float
    grey: float
    white: float
    noise: SmoothNoise

    def warp(self, points: Points) -> Points:
        """Return where `points` of this head lie in the symmetric standard head."""
        y = points.y + self.bend * np.sin(points.x * (np.pi / 80) + self.phase)
        narrowing = 1 + self.egg * y / 86 + 0.04 * (y / 86) ** 2
        x = points.x / np.maximum(narrowing, 0.6) + self.bend * np.sin(y * (np.pi / 90) + 2 * self.phase)
        return Points(x, y, points.z)


def draw_patient(rng: np.random.Generator) -> Patient:
    """Draw a patient; emergency departments see the old more often."""
    age = int(np.clip(rng.normal(58, 20), 18, 96))
    sex: Literal["F", "M"] = "M" if rng.random() < 0.55 else "F"
    size = (1.0 if sex == "M" else 0.95) * rng.normal(1, 0.025)
    atrophy = float(np.clip((age - 35) / 60 + rng.normal(0, 0.15), 0, 1))
    elongation = rng.normal(1, 0.035)
    return Patient(
        age=age,
        sex=sex,
        scale=(size / elongation, size * elongation, size * rng.normal(1, 0.02)),
        egg=rng.uniform(0.0, 0.1),
        bend=rng.uniform(0.3, 2.2),
        phase=rng.uniform(0, 2 * np.pi),
        atrophy=atrophy,
        ventricles=0.7 + 0.75 * atrophy + rng.uniform(-0.12, 0.25),
        bone=rng.uniform(5.5, 8.5),
        scalp=rng.uniform(4, 8),
        sinus=max(rng.normal(0.9, 0.4), 0),
        grey=rng.normal(0, 1),
        white=rng.normal(0, 0.8) - atrophy,
        noise=SmoothNoise(rng),
    )
