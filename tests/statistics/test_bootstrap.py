import sys

import numpy as np
import pytest

from bundle.statistics import bootstrap, percentile_interval


def mean_of(values):
    return lambda weights: {"mean": weights @ values / weights.sum(axis=1)}


def test_whole_clusters_are_drawn_as_many_as_there_are():
    seen = []

    def look(weights):
        seen.append(weights)
        return {"rows": weights.sum(axis=1)}

    found = bootstrap(look, ["a", "b", "a", "c"], resamples=50)["rows"]
    weights = np.concatenate(seen)
    assert weights.shape == (50, 4) and found.shape == (50,)
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_array_equal(weights[:, [0, 1, 3]].sum(axis=1), 3)
    assert len(np.unique(weights, axis=0)) > 5


def test_the_seed_decides_and_the_blocks_do_not(monkeypatch):
    values = np.random.default_rng(0).random(40)
    whole = bootstrap(mean_of(values), np.arange(40), 30, seed=1)["mean"]
    monkeypatch.setattr(sys.modules["bundle.statistics.bootstrap"], "_BLOCK", 200)
    np.testing.assert_allclose(bootstrap(mean_of(values), np.arange(40), 30, seed=1)["mean"], whole)
    assert not np.array_equal(bootstrap(mean_of(values), np.arange(40), 30, seed=2)["mean"], whole)


def test_an_interval_of_a_mean_is_that_of_theory_and_wider_over_clusters():
    """Rows of a cluster are copies, so there are 200 independent values, not 2000."""
    values = np.repeat(np.random.default_rng(0).normal(size=200), 10)
    error = values.std() / np.sqrt(200)
    interval = percentile_interval(bootstrap(mean_of(values), np.repeat(np.arange(200), 10), 4000)["mean"])
    assert interval == pytest.approx((values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.1 * error)
    naive = percentile_interval(bootstrap(mean_of(values), np.arange(2000))["mean"])
    assert (interval.high - interval.low) / (naive.high - naive.low) == pytest.approx(np.sqrt(10), rel=0.1)


def test_intervals_hold_the_truth_as_often_as_they_say():
    generator = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        values = np.repeat(generator.normal(size=60), 3) + generator.normal(size=180)
        low, high = percentile_interval(bootstrap(mean_of(values), np.repeat(np.arange(60), 3), 400, seed)["mean"])
        held += low <= 0 <= high
    assert 0.90 <= held / 200 <= 0.985


def test_where_there_is_no_honest_interval_there_is_none():
    mostly = np.r_[np.linspace(0, 1, 96), np.full(4, np.nan)]
    assert percentile_interval(mostly) == pytest.approx((0.025, 0.975))
    assert percentile_interval(np.r_[mostly, np.full(2, np.nan)]) is None
    assert percentile_interval(np.ones(100)) is None
    assert percentile_interval(np.full(3, np.nan)) is None and percentile_interval([]) is None


@pytest.mark.parametrize(("clusters", "resamples"), [([], 10), (["a"], 0)])
def test_nothing_to_draw(clusters, resamples):
    with pytest.raises(ValueError, match="needs rows and resamples"):
        bootstrap(mean_of(np.zeros(1)), clusters, resamples)
