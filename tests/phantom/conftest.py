from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from bundle.phantom.bleeds import Bleed
from bundle.phantom.brain import Brain
from bundle.phantom.contrast import Contrast
from bundle.phantom.mimics import Mimics
from bundle.phantom.patient import Patient, draw_patient
from bundle.phantom.plane import Plane, Subject, locate_brain, render_plane
from bundle.phantom.points import Points
from bundle.phantom.skull import inner_table

SIDE = 220
NO_MIMICS = Mimics(pineal=0, choroid=0, ganglia=0, falx=0, plaque=0, sinus=0, artery=0, infarct=0)


@dataclass(frozen=True)
class Scene:
    """A noiseless axial plane of 1 mm pixels, [SIDE, SIDE], and the brain in it, arrays [pixels of the brain]."""

    points: Points
    plane: Plane
    brain: Brain

    @property
    def values(self) -> np.ndarray:
        return self.plane.values.reshape(SIDE, SIDE)

    @property
    def bleed(self) -> np.ndarray:
        return self.plane.bleed.reshape(SIDE, SIDE)

    @property
    def inside(self) -> np.ndarray:
        return self.plane.inside.reshape(SIDE, SIDE)

    def in_brain(self, image: np.ndarray) -> np.ndarray:
        return image.ravel()[self.plane.inside]


@pytest.fixture(scope="session")
def patient() -> Patient:
    return draw_patient(np.random.default_rng(7))


@pytest.fixture
def scene(patient: Patient) -> Callable[..., Scene]:
    """Render the patient's plane at a height, with given bleeds and mimics."""

    def render(height: float, *bleeds: Bleed, mimics: Mimics = NO_MIMICS, contrast: Contrast = "CT") -> Scene:
        line = np.arange(SIDE, dtype=np.float32) - SIDE / 2
        y, x = np.meshgrid(line, line, indexing="ij")
        points = Points(x.ravel(), y.ravel(), np.full(x.size, height, np.float32))
        subject = Subject(patient, mimics, bleeds)
        plane = render_plane(points, subject, contrast, 1.0)
        head = patient.warp(points).where(plane.inside)
        return Scene(points, plane, locate_brain(head, -inner_table(head), subject))

    return render
