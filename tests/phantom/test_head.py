from collections.abc import Callable

import numpy as np
import pytest

from bundle.errors import InputError
from bundle.labels import SUBTYPES
from bundle.phantom import CONTRASTS, MIN_AREA, Head, make_head
from bundle.phantom.patient import draw_patient
from tests.phantom.conftest import Scene


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    first, second, other = (make_head(seed, slices=3, size=96) for seed in (4, 4, 5))
    assert first.image.tobytes() == second.image.tobytes()
    assert first.bleed.tobytes() == second.bleed.tobytes()
    assert (first.age, first.sex, first.scanner, first.spacing) == (
        second.age,
        second.sex,
        second.scanner,
        second.spacing,
    )
    assert first.image.tobytes() != other.image.tobytes()


def test_shapes_and_types() -> None:
    head = make_head(1, slices=4, size=80)
    assert (head.image.shape, head.image.dtype) == ((4, 80, 80), np.float32)
    assert (head.brain.shape, head.brain.dtype) == ((4, 80, 80), bool)
    assert (head.bleed.shape, head.bleed.dtype) == ((4, 80, 80), np.uint8)
    assert (head.labels.shape, head.labels.dtype) == ((4, 6), np.int64)
    assert 18 <= head.age <= 96
    assert head.sex in ("F", "M")
    assert head.image.min() >= -1024
    assert make_head(1, slices=1, size=64).image.shape == (1, 64, 64)


@pytest.fixture(scope="module")
def bleeding() -> list[Head]:
    return [make_head(seed, slices=8, size=96, bleed=SUBTYPES) for seed in range(3)]


def test_labels_agree_with_the_mask(bleeding: list[Head]) -> None:
    for head in bleeding:
        for mask, label in zip(head.bleed, head.labels.tolist(), strict=True):
            areas = [(mask == index + 1).sum() * head.geometry.pixel**2 for index in range(5)]
            assert label[:5] == [int(area >= MIN_AREA) for area in areas]
            assert label[5] == max(label[:5])


def test_bleeds_are_in_the_brain_mask_and_nowhere_else(bleeding: list[Head]) -> None:
    for head in bleeding:
        assert set(np.unique(head.bleed)) <= set(range(6))
        assert head.brain[head.bleed > 0].all()


def test_only_the_bleeds_asked_for_appear() -> None:
    for seed, subtype in enumerate(SUBTYPES):
        head = make_head(seed, slices=6, size=96, bleed=(subtype,))
        assert set(np.unique(head.bleed)) <= {0, SUBTYPES.index(subtype) + 1}
        assert head.labels[:, SUBTYPES.index(subtype)].any()


def test_tissues_have_their_hu(scene: Callable[..., Scene]) -> None:
    shown = scene(15)
    values, brain = shown.in_brain(shown.values), shown.brain
    deep = brain.depth > 3
    assert np.median(values[(brain.lateral < -2) & deep]) == pytest.approx(6, abs=1), "fluid"
    assert np.median(values[(brain.nuclei < -2) & (brain.ventricles > 2)]) == pytest.approx(38, abs=4), "grey matter"
    assert 25 < np.median(values[(brain.fluid > 8) & (brain.nuclei > 4) & (brain.ventricles > 6)]) < 33, "white matter"
    assert values[deep].max() < 60, "nothing as bright as blood"
    assert shown.values.max() > 900, "bone"
    assert shown.values[:5].max() == -1000, "air"


def test_brain_is_enclosed_by_bone(scene: Callable[..., Scene]) -> None:
    shown = scene(25)
    rows, columns = np.nonzero(shown.inside)
    for row in (int(np.percentile(rows, 25)), int(np.median(rows)), int(np.percentile(rows, 75))):
        line = np.flatnonzero(shown.inside[row])
        assert shown.values[row, line[0] - 8 : line[0]].max() > 300
        assert shown.values[row, line[-1] + 1 : line[-1] + 9].max() > 300
    assert abs(np.median(columns) - 110) < 8


def test_anterior_is_up_and_the_patients_right_is_left() -> None:
    head = make_head(2, slices=6, size=128, bleed=())
    points = head.geometry.points(head.geometry.heights[0])
    y, x = points.y.reshape(128, 128), points.x.reshape(128, 128)
    assert (np.diff(y, axis=0) > 0).all()
    assert (np.diff(x, axis=1) > 0).all()
    assert points.z.mean() < head.geometry.points(head.geometry.heights[-1]).z.mean()
    # The air of the nose is in front, that of nothing else in the head behind.
    low = head.image[0]
    rows, columns = np.nonzero(head.brain[0])
    box = low[: int(rows.max()), int(columns.min()) : int(columns.max())]
    half = int(rows.mean())
    assert (box[:half] < -400).sum() > (box[half:] < -400).sum()


def test_old_brains_have_more_fluid() -> None:
    rng = np.random.default_rng(0)
    patients = [draw_patient(rng) for _ in range(60)]
    assert np.corrcoef([p.age for p in patients], [p.atrophy for p in patients])[0, 1] > 0.6
    assert np.corrcoef([p.atrophy for p in patients], [p.ventricles for p in patients])[0, 1] > 0.6


@pytest.mark.parametrize("contrast", ["T1", "T2star"])
def test_mr_shows_the_same_head(contrast: str) -> None:
    ct, mr = (make_head(6, slices=4, size=96, contrast=which) for which in ("CT", contrast))
    assert (ct.bleed == mr.bleed).all()
    assert (ct.brain == mr.brain).all()
    assert (ct.labels == mr.labels).all()
    assert mr.image.min() >= 0
    assert mr.image.max() > 100


def test_blood_is_dark_on_t2star_and_bright_on_ct() -> None:
    for seed in (1, 2):
        heads = [make_head(seed, slices=6, size=96, contrast=c, bleed=("intraparenchymal",)) for c in ("CT", "T2star")]
        blood = heads[0].bleed > 0
        assert blood.sum() > 20
        rest = heads[0].brain & ~blood
        assert np.median(heads[0].image[blood]) > np.median(heads[0].image[rest]) + 12
        assert np.median(heads[1].image[blood]) < 0.5 * np.median(heads[1].image[rest])


def test_mr_has_a_bias_field() -> None:
    head = make_head(8, slices=5, size=96, contrast="T1", bleed=())
    middle = head.image[2]
    inside = head.brain[2]
    rows, columns = np.nonzero(inside)
    quarters = [
        np.median(middle[inside & (np.arange(96)[:, None] < np.median(rows))]),
        np.median(middle[inside & (np.arange(96)[:, None] >= np.median(rows))]),
        np.median(middle[inside & (np.arange(96)[None, :] < np.median(columns))]),
        np.median(middle[inside & (np.arange(96)[None, :] >= np.median(columns))]),
    ]
    assert max(quarters) > 1.03 * min(quarters)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"contrast": "PET"}, f"there is no contrast 'PET'; choose from {', '.join(CONTRASTS)}"),
        ({"bleed": ("bruise",)}, "there is no bleed 'bruise'; choose from epidural"),
        ({"slices": 0}, "slices must be a whole number from 1"),
        ({"size": 12}, "size must be a whole number from 32"),
        ({"size": 96.5}, "got 96.5"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        make_head(0, **arguments)


def test_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed must be a whole number from 0"):
        make_head(-1)
