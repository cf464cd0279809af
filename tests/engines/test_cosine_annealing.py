import math

import pytest
import torch

from bundle.engines import CosineAnnealing


def start(length):
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=0.1)
    return optimizer, CosineAnnealing(optimizer, T_max=length)


def train(optimizer, schedule, epochs):
    """Return the learning rate of each epoch."""
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


def go_on(length, optimizer, schedule):
    resumed = start(length)
    for ours, theirs in zip(resumed, (optimizer, schedule), strict=True):
        ours.load_state_dict(theirs.state_dict())
    return resumed


@pytest.mark.parametrize(("first", "done", "length"), [(4, 4, 10), (10, 4, 6), (6, 1, 9)])
def test_a_run_of_another_length_goes_on_where_its_own_schedule_is(first, done, length):
    before = start(first)
    train(*before, done)
    resumed = go_on(length, *before)
    rates = train(*resumed, length - done)
    expected = [0.05 * (1 + math.cos(math.pi * epoch / length)) for epoch in range(done, length)]
    assert rates == pytest.approx(expected)
    assert resumed[0].param_groups[0]["lr"] == pytest.approx(0, abs=1e-9)


def test_a_run_of_the_same_length_goes_on_bit_by_bit():
    whole, cut = start(7), start(7)
    expected = train(*whole, 7)
    assert train(*cut, 3) + train(*go_on(7, *cut), 4) == expected
