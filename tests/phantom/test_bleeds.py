from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage
from skimage.measure import regionprops

from bundle.labels import SUBTYPES
from bundle.phantom import make_head
from bundle.phantom.bleeds import (
    Epidural,
    FalxSubdural,
    Intraparenchymal,
    Intraventricular,
    Subarachnoid,
    Subdural,
    TentorialSubdural,
    draw_subtypes,
)
from bundle.phantom.patient import Patient
from tests.phantom.conftest import Scene

CSF, TISSUE = 15, 22
DOWN = (0.0, 1.0, 0.0)


def depth_of(scene: Scene) -> np.ndarray:
    return ndimage.distance_transform_edt(scene.inside)


def is_kind(scene: Scene, subtype: str) -> np.ndarray:
    found = scene.bleed == SUBTYPES.index(subtype) + 1
    assert found.sum() > 60, "the bleed is hardly there"
    return found


def test_epidural_is_a_lens_against_the_inner_table(scene: Callable[..., Scene], patient: Patient) -> None:
    shown = scene(20, Epidural(70, 1, (62, 10, 20), 36, 16, 0, patient.noise))
    lens, depth = is_kind(shown, "epidural"), depth_of(shown)
    assert depth[lens].min() <= 1.5
    assert depth[lens].max() == pytest.approx(16, abs=3)
    assert regionprops(lens.astype(int))[0].solidity > 0.9
    rows = np.flatnonzero(lens.any(axis=1))
    ends, middle = lens[[rows[3], rows[-4]]].sum(axis=1), lens[rows[len(rows) // 2]].sum()
    assert ends.max() < 0.7 * middle


@pytest.mark.parametrize("side", [1, -1])
def test_epidural_does_not_cross_the_midline(scene: Callable[..., Scene], patient: Patient, side: int) -> None:
    shown = scene(20, Epidural(70, side, (side * 20, -78, 20), 45, 16, 0, patient.noise))
    columns = np.nonzero(is_kind(shown, "epidural"))[1] - shown.bleed.shape[1] / 2
    assert (columns * side > -3).all()


def test_subdural_is_a_crescent_outside_the_brain(scene: Callable[..., Scene], patient: Patient) -> None:
    shown = scene(22, Subdural(65, -1, (-64, 0, 22), 65, 8, 0, patient.noise, 0.1, 6))
    crescent, depth = is_kind(shown, "subdural"), depth_of(shown)
    assert depth[crescent].min() <= 1.5
    assert depth[crescent].max() < 12
    region = max(regionprops(crescent.astype(int)), key=lambda part: part.area)
    assert region.solidity < 0.8
    assert region.axis_major_length > 80
    # Positive values of `fluid` are brain.
    assert np.mean(shown.brain.fluid[shown.in_brain(crescent)] < 0) > 0.98


def test_subdural_along_the_falx_lies_on_one_side_of_the_midline(scene: Callable[..., Scene]) -> None:
    shown = scene(45, FalxSubdural(65, 1, 6, -40, 80))
    x = shown.brain.points.x[shown.in_brain(is_kind(shown, "subdural"))]
    assert x.min() > -1.5
    assert x.max() < 8


def test_subdural_on_the_tentorium_is_a_band_in_one_half_of_a_low_slice(scene: Callable[..., Scene]) -> None:
    shown = scene(-16, TentorialSubdural(65, -1, 5))
    band = shown.in_brain(is_kind(shown, "subdural"))
    assert shown.brain.points.x[band].max() < 0
    assert shown.brain.points.y[band].min() > 0


def test_subarachnoid_blood_fills_sulci(scene: Callable[..., Scene], patient: Patient) -> None:
    bleed = Subarachnoid(62, (-45, 0, 30), (40, 40, 40), 0.0, patient.noise)
    before, after = scene(35), scene(35, bleed)
    blood = is_kind(after, "subarachnoid")
    assert np.median(before.values[blood]) < CSF
    assert np.median(after.values[blood]) > 45
    assert (after.brain.fluid[after.in_brain(blood)] < 0).all()
    assert regionprops(blood.astype(int))[0].solidity < 0.6, "it fills the sulci, not the region"


def test_subarachnoid_blood_fills_basal_cisterns(scene: Callable[..., Scene], patient: Patient) -> None:
    bleed = Subarachnoid(62, (0, -5, -18), (45, 40, 24), 0.5, patient.noise)
    before, after = scene(-20), scene(-20, bleed)
    blood = is_kind(after, "subarachnoid")
    middle = np.s_[90:110, 100:120]  # the suprasellar cistern
    assert np.median(before.values[middle]) < CSF + 10
    assert blood[middle].mean() > 0.5


def test_intraparenchymal_clot_replaces_brain_and_has_a_dark_rim(scene: Callable[..., Scene], patient: Patient) -> None:
    bleed = Intraparenchymal(70, (-32, 10, 25), (12, 14, 12), 5, patient.noise)
    before, after = scene(25), scene(25, bleed)
    clot = is_kind(after, "intraparenchymal")
    assert np.median(before.values[clot]) > TISSUE
    assert np.median(after.values[clot]) == pytest.approx(70, rel=0.1)
    rim = ndimage.binary_dilation(clot, iterations=3) & ~ndimage.binary_dilation(clot, iterations=1)
    assert np.median(after.values[rim]) < 25
    assert depth_of(after)[clot].min() > 1


def test_clot_pushes_the_brain_aside(scene: Callable[..., Scene], patient: Patient) -> None:
    shown = scene(8, Intraparenchymal(70, (-24, -5, 8), (16, 18, 16), 4, patient.noise))
    points, source = shown.brain.points, shown.brain.source
    midline = (np.abs(points.x) < 3) & (np.abs(points.y + 5) < 8)
    assert np.median((points.x - source.x)[midline]) > 1


def test_thick_subdural_shifts_the_midline_to_the_other_side(scene: Callable[..., Scene], patient: Patient) -> None:
    shown = scene(15, Subdural(65, 1, (64, 0, 15), 65, 14, 9, patient.noise, 0.1, 6))
    points, source = shown.brain.points, shown.brain.source
    midline = (np.abs(points.x) < 5) & (np.abs(points.y) < 20)
    assert -10 < np.median((points.x - source.x)[midline]) < -4


def test_intraventricular_blood_lies_in_the_dependent_part_of_the_ventricles(scene: Callable[..., Scene]) -> None:
    before, after = scene(8), scene(8, Intraventricular(65, "level", 1, DOWN, 34))
    blood = is_kind(after, "intraventricular")
    assert np.median(before.values[blood]) < CSF
    lateral = after.brain.lateral < 0
    level = after.in_brain(blood)
    y = after.brain.source.y
    assert not (level & ~lateral).any()
    for half in (after.brain.source.x > 2, after.brain.source.x < -2):
        assert y[level & half].min() >= y[lateral & ~level & half].max() - 1.5


def test_cast_fills_one_lateral_ventricle(scene: Callable[..., Scene]) -> None:
    shown = scene(15, Intraventricular(65, "cast", -1, DOWN, 0))
    blood = shown.in_brain(is_kind(shown, "intraventricular"))
    ventricle = shown.brain.lateral < -0.5
    right = shown.brain.source.x < 0
    assert blood[ventricle & right].all()
    assert not blood[~right].any()


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_blood_of_every_subtype_has_the_hu_of_blood(subtype: str) -> None:
    medians = []
    for seed in range(5):
        head = make_head(seed, slices=6, size=96, bleed=(subtype,))
        blood = head.bleed == SUBTYPES.index(subtype) + 1
        # The core, where no bone and no fluid shares the pixel.
        core = ndimage.binary_erosion(blood, np.ones((1, 3, 3)))
        if core.sum() > 10:
            medians.append(np.median(head.image[core]))
    assert len(medians) >= 2
    assert min(medians) > 34
    assert max(medians) < 98
    assert 45 < np.median(medians) < 88


def test_drawn_subtypes_follow_the_vocabulary() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_subtypes(rng) for _ in range(2000)]
    assert 0.5 < np.mean([bool(found) for found in drawn]) < 0.6
    assert all(sorted(found, key=SUBTYPES.index) == list(found) for found in drawn)
    assert 0.1 < np.mean([len(found) > 1 for found in drawn]) < 0.45
    assert {name for found in drawn for name in found} == set(SUBTYPES)
    assert all("epidural" in draw_subtypes(rng, "epidural") for _ in range(50))
