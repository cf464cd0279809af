import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from bundle.uncertainty import neighbours
from bundle.uncertainty.neighbours import NEIGHBOUR, keep_references, neighbour_distances


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(1, 1, (60, 8)).astype(np.float32)


def unit(values):
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_distances_are_those_of_scikit_learn(features, monkeypatch):
    monkeypatch.setattr(neighbours, "_CHUNK", 7)
    reference = NearestNeighbors(n_neighbors=NEIGHBOUR).fit(unit(features[:40]))
    expected = reference.kneighbors(unit(features[40:]))[0][:, -1]
    np.testing.assert_allclose(neighbour_distances(features[40:], features[:40]), expected, rtol=1e-5)


def test_slices_of_the_same_patient_are_not_compared(features):
    patients = [f"{k // 6}" for k in range(60)]
    found = neighbour_distances(features, features, (patients, patients))
    for k in (0, 17, 59):
        others = features[[j for j in range(60) if patients[j] != patients[k]]]
        assert found[k] == pytest.approx(
            np.sort(np.linalg.norm(unit(others) - unit(features)[k], axis=1))[NEIGHBOUR - 1]
        )
    assert np.all(found >= neighbour_distances(features, features))


def test_one_patient_has_nothing_to_be_compared_with(features):
    assert np.isinf(neighbour_distances(features, features, (["a"] * 60, ["a"] * 60))).all()


def test_too_few_references(features):
    assert np.isinf(neighbour_distances(features, features[: NEIGHBOUR - 1])).all()


def test_the_references_are_spread_evenly(features, monkeypatch):
    assert keep_references(features).tolist() == list(range(60))
    monkeypatch.setattr(neighbours, "REFERENCES", 4)
    assert keep_references(features).tolist() == [0, 20, 39, 59]


def test_features_of_zeros_are_allowed(features):
    assert np.isfinite(neighbour_distances(np.zeros((2, 8)), features)).all()
