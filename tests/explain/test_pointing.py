import numpy as np
import pytest

from bundle.explain.pointing import find_peak, play

LESION = np.zeros((40, 60), dtype=bool)
LESION[10:20, 30:40] = True
SEEN = np.ones((40, 60), dtype=bool)


def peak_at(row, column):
    heat = np.full((40, 60), 0.5, dtype=np.float32)
    heat[row, column] = 1
    return heat


@pytest.mark.parametrize(
    ("peak", "inside", "near"),
    [((10, 30), True, True), ((19, 39), True, True), ((10, 27), False, True), ((10, 26), False, False),
     ((7, 27), False, False), ((8, 28), False, True)],
)  # fmt: skip
def test_a_peak_hits_inside_and_up_to_the_tolerance(peak, inside, near):
    game = play(peak_at(*peak), LESION, SEEN, tolerance=3)
    assert (game.inside, game.near) == (inside, near)


def test_chance_is_the_share_of_what_was_seen():
    seen = np.zeros_like(SEEN)
    seen[:20, 20:] = True
    game = play(peak_at(0, 0), LESION, seen, tolerance=3)
    assert game.chance_inside == pytest.approx(100 / 800)
    within = sum(
        max(10 - row, 0) ** 2 + max(30 - column, column - 39, 0) ** 2 <= 9
        for row in range(20)
        for column in range(20, 60)
    )
    assert game.chance_near == pytest.approx(within / 800)


def test_random_peaks_hit_as_often_as_chance_says():
    rng = np.random.default_rng(0)
    games = [play(peak_at(*rng.integers(0, (40, 60))), LESION, SEEN, 3) for _ in range(600)]
    assert np.mean([game.near for game in games]) == pytest.approx(games[0].chance_near, abs=0.03)


def test_no_heat_is_no_hit():
    game = play(np.zeros((40, 60), dtype=np.float32), np.ones_like(LESION), SEEN, 3)
    assert not game.inside and not game.near


def test_the_peak_of_a_plateau_is_its_middle():
    heat = np.zeros((40, 60), dtype=np.float32)
    heat[:9, :21] = 1
    assert find_peak(heat) == (4, 10)
    assert find_peak(np.zeros((4, 4))) is None


def test_what_the_network_could_not_see_has_no_peak():
    heat = peak_at(0, 0)
    heat[12, 33] = 0.9
    seen = SEEN.copy()
    seen[:5] = False
    assert not play(heat, LESION, SEEN, 3).near
    assert play(heat, LESION, seen, 3).inside
