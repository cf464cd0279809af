import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle.heads import head_peak


def profile(spacing, height=150.0, centre=70.0, width=12.0):
    """P(any) of a bleed of some width, in slices of a spacing in mm."""
    z = np.arange(0, height, spacing)
    log_odds = -4 + 6 * np.exp(-(((z - centre) / width) ** 2))
    return 1 / (1 + np.exp(-log_odds[:, None])), z


def test_the_thickness_of_the_slices_changes_the_peak_little():
    peaks = [head_peak(*profile(spacing))[0] for spacing in (0.625, 1.25, 2.5, 5.0)]
    assert np.ptp(peaks) < 0.03


def test_noise_in_thin_slices_does_not_add_up_as_their_maximum_does():
    rng = np.random.default_rng(0)
    thin, thick = rng.beta(1, 12, (240, 1)), rng.beta(1, 12, (30, 1))
    peaks = head_peak(thin, np.arange(240) * 0.625), head_peak(thick, np.arange(30) * 5.0)
    assert peaks[0] < 0.5 * thin.max() and peaks[0] < 1.2 * peaks[1]


def test_the_order_of_the_slices_does_not_matter_and_scores_are_apart():
    p, z = profile(5.0)
    order = np.random.default_rng(1).permutation(len(z))
    both = np.hstack([p, p / 2])
    assert head_peak(both[order], z[order]) == pytest.approx(head_peak(both, z))
    assert head_peak(both, z)[0] == pytest.approx(head_peak(p, z)[0])


def test_slices_on_both_sides_of_a_gap_are_no_neighbours():
    assert head_peak([[0.9], [0.1]], [0.0, 50.0]) == pytest.approx([0.9])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_it_lies_between_the_least_and_the_greatest(values):
    p = np.array(values)[:, None]
    for z in (np.arange(len(p)) * 5.0, np.full(len(p), np.nan)):
        assert np.min(p) - 2e-6 <= head_peak(p, z)[0] <= np.max(p) + 2e-6
