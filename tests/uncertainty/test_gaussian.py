import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from bundle.uncertainty import gaussian
from bundle.uncertainty.gaussian import fit_gaussian, held_out_distances


def features(n, size=12, seed=0):
    generator = np.random.default_rng(seed)
    return (generator.normal(0, 1, (n, size)) @ generator.normal(0, 1, (size, size)) + 3).astype(np.float32)


@pytest.mark.parametrize("n", [8, 60])
def test_distances_are_those_of_scikit_learn(n):
    known, others = features(n), features(20, seed=1)
    expected = np.sqrt(LedoitWolf().fit(known.astype(np.float64)).mahalanobis(others.astype(np.float64)))
    np.testing.assert_allclose(fit_gaussian(known).distances(others), expected, rtol=1e-4)


def test_few_directions_are_close_to_all(monkeypatch):
    known, others = features(60), features(20, seed=1)
    exact = fit_gaussian(known).distances(others)
    monkeypatch.setattr(gaussian, "DIRECTIONS", 6)
    small = fit_gaussian(known)
    assert small.directions.shape == (6, 12)
    assert np.corrcoef(small.distances(others), exact)[0, 1] > 0.5
    assert small.distances(others + 100).min() > small.distances(others).max()


def test_a_large_set_is_thinned_evenly(monkeypatch):
    monkeypatch.setattr(gaussian, "SLICES", 30)
    known = features(59)
    np.testing.assert_array_equal(
        fit_gaussian(known).mean, known[::2].astype(np.float64).mean(axis=0).astype(np.float32)
    )


@pytest.mark.parametrize("n", [1, 5])
def test_features_that_never_change(n):
    same = fit_gaussian(np.ones((n, 4), dtype=np.float32))
    assert same.distances(np.ones((1, 4))) == pytest.approx(0)
    assert same.distances(np.full((1, 4), 2.0)) > 1e3


def test_a_patient_is_measured_by_the_others():
    known = features(40)
    known[:8] += 50
    patients = [f"{k // 8}" for k in range(40)]
    found = held_out_distances(known, patients)
    assert found[:8] == pytest.approx(fit_gaussian(known[8:]).distances(known[:8]))
    assert found[:8].min() > found[8:].max()
    assert np.isfinite(held_out_distances(known, [""] * 40)).all(), "slices of nobody are patients of their own"


def test_one_patient_has_nothing_to_be_compared_with():
    assert np.isinf(held_out_distances(features(10), ["a"] * 10)).all()
