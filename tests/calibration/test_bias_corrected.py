from dataclasses import replace

import numpy as np
import pytest

from bundle.calibration import (
    apply_bias_corrected,
    calibration_error,
    cross_fitted,
    cross_fitted_errors,
    fit_bias_corrected,
    fit_described,
    fit_temperature,
    scale_temperature,
)
from bundle.calibration.task_loss import task_loss
from bundle.errors import InputError
from bundle.labels import UNKNOWN
from bundle.predictions import Predictions


def named(probabilities, labels, patients):
    return Predictions("subtype", probabilities, labels, tuple(f"P{patient}" for patient in patients))


def distorted_slices(slices):
    """Return probabilities of too sharp a network that saw too many bleeds, the labels, and the true probabilities."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (slices, 6)) + np.array([2, 0, 0, 0, 0, 0])
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    kinds = (probabilities.cumsum(1) > generator.uniform(size=(len(logits), 1))).argmax(1)
    labels = np.zeros((len(logits), 6))
    bleeds = np.flatnonzero(kinds)
    labels[bleeds, kinds[bleeds] - 1] = labels[bleeds, 5] = 1
    distorted = logits.copy()
    distorted[:, 0] -= 1.5
    distorted = np.exp(distorted * 2)
    return distorted / distorted.sum(1, keepdims=True), labels, probabilities


def test_undoes_a_wrong_temperature_and_a_wrong_share_of_bleeds():
    distorted, labels, probabilities = distorted_slices(20_000)
    temperature, shift = fit_bias_corrected(distorted, labels, "subtype")
    undone = apply_bias_corrected(distorted, "subtype", temperature, shift)
    assert abs(undone - probabilities).max() < 0.03
    assert temperature == pytest.approx(2, rel=0.03) and shift == pytest.approx(1.5, abs=0.06)


@pytest.mark.parametrize("seed", [5, 6, 13, 20, 32])
def test_the_search_ends_where_no_point_of_a_grid_has_a_smaller_loss(seed):
    generator = np.random.default_rng(seed)
    any_bleed = generator.uniform(size=100) < 0.15
    p_any = 1 / (1 + np.exp(1 - 2 * (any_bleed + generator.normal(size=100))))
    labels = np.zeros((100, 6))
    labels[any_bleed] = [UNKNOWN] * 5 + [1]

    def loss(temperature, shift):
        return task_loss(np.column_stack([shift - np.log(p_any / (1 - p_any)) / temperature, 0 * p_any]), labels, task)

    task = "binary"
    temperature, shift = fit_bias_corrected(np.column_stack([1 - p_any, p_any]), labels, task)
    grid = [(each, moved) for each in np.geomspace(0.5, 20, 40) for moved in np.linspace(-1, 4, 51)]
    assert loss(temperature, shift) <= min(loss(*each) for each in grid)


def test_a_patient_s_slices_are_calibrated_by_those_of_others():
    distorted, labels, _ = distorted_slices(1_000)
    patients = np.arange(1_000) // 50
    found = cross_fitted(named(distorted, labels, patients)).probabilities
    turned = np.where((patients == 3)[:, None], 1 - labels, labels)
    turned[patients == 3, :5] = turned[patients == 3, 5:]
    again = cross_fitted(named(distorted, turned, patients)).probabilities
    np.testing.assert_array_equal(again[patients == 3], found[patients == 3])
    assert abs(again - found).max() > 1e-3
    assert cross_fitted(named(distorted, labels, patients % 4)) is None


def test_calibration_by_others_is_worth_what_their_probabilities_say():
    distorted, labels, _ = distorted_slices(1_000)
    patients = np.arange(1_000) // 50
    before, after = cross_fitted_errors(named(distorted, labels, patients))
    calibrated = cross_fitted(named(distorted, labels, patients)).probabilities
    assert before == pytest.approx(calibration_error(labels[:, 5], 1 - distorted[:, 0]))
    assert after == pytest.approx(calibration_error(labels[:, 5], 1 - calibrated[:, 0])) and after < before / 2
    assert cross_fitted_errors(named(distorted, labels, patients % 4)) is None
    labels[:, 5] = UNKNOWN
    assert cross_fitted_errors(named(distorted, labels, patients)) is None


def test_calibration_for_another_prevalence_holds_on_slices_that_have_it():
    distorted, labels, _ = distorted_slices(40_000)
    positive = labels[:, 5] == 1
    rarer = np.flatnonzero(~positive | (np.arange(len(labels)) % 8 == 0))
    wanted = positive[rarer].mean()
    assert wanted < positive.mean() / 2
    patients = np.arange(40_000) // 50
    (temperature, shift), said = fit_described(named(distorted, labels, patients), "a.csv", wanted)
    there = apply_bias_corrected(distorted[rarer], "subtype", temperature, shift)
    assert calibration_error(positive[rarer], 1 - there[:, 0]) < 0.02
    (_, unshifted), _ = fit_described(named(distorted, labels, patients), "a.csv")
    here = apply_bias_corrected(distorted[rarer], "subtype", temperature, unshifted)
    assert calibration_error(positive[rarer], 1 - here[:, 0]) > 0.1
    before, after = cross_fitted_errors(named(distorted, labels, patients), wanted)
    assert before == pytest.approx(calibration_error(positive[rarer], 1 - distorted[rarer, 0]), abs=0.01)
    assert after < 0.02 and f"share of {wanted:g} has a hemorrhage, {before:.3f} before, {after:.3f} after" in said


@pytest.mark.parametrize("prevalence", [0, 1, 40, -0.1, float("nan"), "many"])
def test_a_prevalence_out_of_range_is_refused(prevalence):
    distorted, labels, _ = distorted_slices(100)
    with pytest.raises(InputError, match=r"--prevalence is .*; give a share above 0"):
        fit_described(named(distorted, labels, np.arange(100)), "a.csv", prevalence)


@pytest.mark.parametrize("prevalence", [None, 0.5])
@pytest.mark.parametrize(("value", "sentence"), [(0, "100 slices .* all of them without"), (1, "all of them with a")])
def test_slices_of_one_kind_are_refused(value, sentence, prevalence):
    distorted, labels, _ = distorted_slices(200)
    labels[:100, 5], labels[100:] = value, UNKNOWN
    with pytest.raises(InputError, match=sentence):
        fit_described(named(distorted, labels, np.arange(200)), "a.csv", prevalence)


def test_a_prevalence_needs_a_normal_to_shift():
    distorted, labels, _ = distorted_slices(100)
    with pytest.raises(InputError, match="no normal to shift"):
        fit_described(replace(named(distorted, labels, np.arange(100)), task="multilabel"), "a.csv", 0.5)


def test_labels_that_say_nothing_of_any_are_refused():
    distorted, labels, _ = distorted_slices(100)
    labels[:, 1:] = UNKNOWN
    with pytest.raises(InputError, match="no slice with a known label any"):
        fit_described(named(distorted, labels, np.arange(100)), "a.csv")


def test_slices_that_are_all_called_rightly_are_said_to_be_too_easy():
    labels = np.array([[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1]] * 20, float)
    right = np.full((40, 6), 0.02)
    right[::2, 0] = right[1::2, 5] = 0.9
    _, said = fit_described(named(right, labels, np.arange(40)), "a.csv")
    assert "not reliable: at the limit of the search range" in said
    distorted, labels, _ = distorted_slices(500)
    _, said = fit_described(named(distorted, labels, np.arange(500)), "a.csv")
    assert "not reliable" not in said


def test_where_one_patient_alone_has_bleeds_nothing_is_cross_fitted():
    distorted, labels, _ = distorted_slices(200)
    patients = np.arange(200) // 20
    labels[patients > 0] = 0
    assert labels[:, 5].sum() > 0
    assert cross_fitted(named(distorted, labels, patients)) is None
    assert cross_fitted_errors(named(distorted, labels, patients)) is None


def test_nothing_known_and_no_normal():
    even = np.full((3, 2), 0.5)
    assert fit_bias_corrected(even, np.full((3, 6), -1.0), "binary") is None
    assert fit_bias_corrected(np.full((3, 6), 0.5), np.full((3, 6), -1.0), "multilabel") is None
    generator = np.random.default_rng(1)
    probabilities, labels = generator.uniform(0.01, 0.99, (50, 6)), generator.integers(0, 2, (50, 6))
    temperature, shift = fit_bias_corrected(probabilities, labels, "multilabel")
    assert (temperature, shift) == (fit_temperature(probabilities, labels, "multilabel"), 0)
    scaled = scale_temperature(probabilities, "multilabel", temperature)
    np.testing.assert_array_equal(apply_bias_corrected(probabilities, "multilabel", temperature, shift), scaled)
