import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from bundle.errors import InputError
from bundle.handlers.hemorrhage_metrics import HemorrhageScores
from bundle.predictions import SliceSmoothing


def stack(positions, series="a", **more):
    return [{"series": series, "position": position, **more} for position in positions]


def test_the_weights_by_hand():
    smoothed = SliceSmoothing(stack([0, 5, 10]), sigma=4)([[0.0], [1.0], [0.0]])
    near, far = norm.pdf(5, scale=4) / norm.pdf(0, scale=4), norm.pdf(10, scale=4) / norm.pdf(0, scale=4)
    assert smoothed[1] == pytest.approx(1 / (1 + 2 * near))
    assert smoothed[0] == pytest.approx(near / (1 + near + far))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(-80, 80)), min_size=1, max_size=12), st.floats(0.5, 9))
def test_probabilities_remain_such_and_the_order_does_not_matter(slices, sigma):
    rows = [{"series": series, "position": position} for series, position in slices]
    probabilities = np.random.default_rng(0).dirichlet(np.ones(6), len(rows))
    smoothed = SliceSmoothing(rows, sigma)(probabilities)
    np.testing.assert_allclose(smoothed.sum(1), 1)
    assert smoothed.min() >= 0
    np.testing.assert_allclose(SliceSmoothing(rows[::-1], sigma)(probabilities[::-1]), smoothed[::-1])
    for series in "ab":
        members = [index for index, row in enumerate(rows) if row["series"] == series]
        alone = SliceSmoothing([rows[index] for index in members], sigma)(probabilities[members])
        np.testing.assert_allclose(smoothed[members], alone)


@pytest.mark.parametrize(
    "rows",
    [
        stack([None, None]),
        stack([np.nan, 5.0]),
        stack([0, 5], series=""),
        stack([0], patient="x") + stack([5], patient="y"),
        stack([0], site="x") + stack([5], site="y"),
        stack([0, 13]),
        [{}, {}],
    ],
)
def test_what_is_no_neighbour_has_no_say(rows):
    probabilities = np.array([[0.1, 0.9], [0.8, 0.2]])
    np.testing.assert_array_equal(SliceSmoothing(rows, 4)(probabilities), probabilities)


def test_a_slice_that_could_not_be_read_has_no_say():
    smoothed = SliceSmoothing(stack([0, 1, 2]), 4)([[0.2], [0.9], [0.2]], [True, False, True])
    np.testing.assert_allclose(smoothed, [[0.2], [0.9], [0.2]])


def test_zero_switches_it_off_and_less_is_refused():
    probabilities = [[0.0], [1.0]]
    np.testing.assert_array_equal(SliceSmoothing(stack([0, 5]), 0)(probabilities), probabilities)
    with pytest.raises(InputError, match="got -1"):
        SliceSmoothing([], -1)


def test_another_number_of_probabilities_is_refused():
    with pytest.raises(ValueError, match="got 1 and 2"):
        SliceSmoothing(stack([0, 5]), 4)([[0.5]])


def test_the_metrics_are_those_of_the_smoothed():
    rows = stack([0, 5, 10, 15])
    probabilities = torch.tensor([[0.9, 0.1], [0.6, 0.4], [0.4, 0.6], [0.1, 0.9]])
    labels = torch.zeros(4, 6)
    labels[2:] = 1
    scores = HemorrhageScores("binary", smoothing=SliceSmoothing(rows, 4))
    scores(probabilities[:3], labels[:3])
    scores(probabilities[3:], labels[3:])
    found, truth = scores.get_buffer()
    np.testing.assert_allclose(found, SliceSmoothing(rows, 4)(probabilities.numpy()), rtol=1e-6)
    assert found.dtype == torch.float32 and torch.equal(truth, labels)
