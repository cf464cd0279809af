from dataclasses import replace

import numpy as np
import pytest

from bundle.heads import (
    assess,
    assess_cross_fitted,
    fit_calibrations,
    fit_on_heads,
    head_members,
    head_peak,
    thin_heads,
    whole_heads,
)
from bundle.labels import ANY_INDEX
from bundle.predictions import Predictions, SliceSmoothing
from bundle.preprocessing import find_slabs
from tests.predictions.views import VIEW

SIGMA = 4.0


def slices(heads=50, depth=30, seed=0):
    """Return rows and P of heads of which every second has a bleed in three slices, and of four slices more."""
    rng = np.random.default_rng(seed)
    rows, p = [], []
    for head in range(heads + 1):
        bleed = head % 2 == 1
        start = rng.integers(3, depth - 6)
        for z in range(depth if head < heads else 4):
            inside = bleed and start <= z < start + 3
            label = [None] * 5 + [1] if inside else [0] * 6
            name = f"p{head}"
            rows.append({"image": f"{head}/{z}", "patient": name, "series": name, "position": 5.0 * z, "label": label})
            p.append(rng.beta(4, 2) if inside else rng.beta(1, 20))
    return rows, np.column_stack([1 - np.array(p), p])


def predictions():
    rows, p = slices()
    return Predictions.of_rows(rows, SliceSmoothing(rows, SIGMA)(p), "binary"), Predictions.of_rows(rows, p, "binary")


def test_heads_are_whole_series_with_the_peak_of_their_slices():
    smoothed, alone = predictions()
    heads = whole_heads(smoothed)
    assert len(heads.peaks) == 50 and len(set(heads.patients)) == 50, "the half head is none"
    assert heads.labels[:, ANY_INDEX].tolist() == [0, 1] * 25
    assert heads.peaks[1, ANY_INDEX] == head_peak(smoothed.p_any[30:60, None], smoothed.positions[30:60])[0]
    assert whole_heads(alone, placed=False).peaks[1, ANY_INDEX] == alone.p_any[30:60].max()


@pytest.mark.parametrize("told_by", ["patient", "site"])
def test_heads_of_two_patients_or_sites_are_two_though_their_series_have_one_name(told_by):
    rows, p = slices(heads=2)
    for row in rows:
        row.update({told_by: row["patient"], "study": "1", "series": "1"})
        row["patient"] = row["patient"] if told_by == "patient" else "A"
    heads = whole_heads(Predictions.of_rows(rows, p, "binary"))
    assert len(heads.peaks) == 2 and heads.labels[:, ANY_INDEX].tolist() == [0, 1]


def test_heads_that_inference_scores_as_slabs_are_left_out():
    rows, p = slices(heads=6, depth=60)
    for row in rows[:180]:
        row["position"] *= 0.4
    found = Predictions.of_rows(rows, p, "binary")
    slabs = find_slabs(rows)
    assert len(slabs) < len(rows) - 60, "two slices and more in a slab"
    assert [each[0] for each in head_members(found)] == [180, 240, 300] and thin_heads(found) == 3
    assert {each[0] for each in slabs} >= set(range(180, 360))


def test_both_kinds_of_heads_are_calibrated():
    heads = fit_calibrations(*predictions(), VIEW)
    assert heads.task == "binary" and heads.view == VIEW
    assert heads.placed != heads.unplaced
    assert (heads.placed.heads_normal, heads.placed.heads_hemorrhage) == (25, 25)


def test_what_is_cross_fitted_knows_nothing_of_its_own_patient():
    heads = whole_heads(predictions()[0])
    found = assess_cross_fitted(heads)
    p_any = found.p_any
    assert np.isfinite(p_any).all() and found.sets.shape == (50, 2)
    changed = heads._replace(peaks=heads.peaks.copy())
    changed.peaks[0] = 0.99
    others = assess_cross_fitted(changed).p_any
    assert others[0] != p_any[0]
    assert (others != p_any).sum() > 5, "it is in the fit of other folds"
    few = type(heads)(*(part[:20] for part in heads))
    assert assess_cross_fitted(few) is None


def test_heads_are_assessed_by_their_calibration():
    heads = whole_heads(predictions()[0])
    fitted = fit_on_heads(heads)
    found = assess(heads, fitted)
    assert found.p_any.tolist() == fitted.p_any(heads.peaks[:, ANY_INDEX]).tolist()
    assert found.called.tolist() == (found.p_any >= fitted.threshold).tolist()
    assert (found.excluded == (found.sets.tolist() == np.array([True, False])).all(axis=1)).all()
    assert not (found.called & found.excluded).any() and found.called[1::2].mean() > 0.9


def test_the_distance_of_a_head_is_the_median_of_its_slices():
    smoothed, _ = predictions()
    measured = replace(smoothed, distances=np.arange(len(smoothed), dtype=float))
    assert whole_heads(measured).distances[:2].tolist() == [14.5, 44.5]
    assert np.isnan(whole_heads(smoothed).distances).all()


def test_another_rule_makes_other_peaks():
    _, alone = predictions()
    found = whole_heads(alone, rule=lambda p, positions: p.max(axis=0))
    assert found.peaks[1, ANY_INDEX] == alone.p_any[30:60].max()
