import math

import pytest
import torch

from bundle.engines import CosineAnnealing


def start(length, learning_rate=0.1):
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], learning_rate)
    return optimizer, CosineAnnealing(optimizer, T_max=length)


def train(optimizer, schedule, epochs):
    """Return the learning rate of each epoch."""
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


def go_on(length, optimizer, schedule, learning_rate=0.1):
    resumed = start(length, learning_rate)
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


@pytest.mark.parametrize("length", [8, 12])
def test_a_run_goes_on_with_its_own_learning_rate(length, caplog):
    before = start(8)
    train(*before, 3)
    with caplog.at_level("INFO"):
        resumed = go_on(length, *before, learning_rate=0.02)
    assert "The learning rate begins at 0.02 from here on, not at 0.1." in caplog.text
    expected = [0.01 * (1 + math.cos(math.pi * epoch / length)) for epoch in range(3, length)]
    assert train(*go_on(length, *resumed, learning_rate=0.02), length - 3) == pytest.approx(expected)


def test_a_run_of_the_same_length_goes_on_bit_by_bit():
    whole, cut = start(7), start(7)
    expected = train(*whole, 7)
    assert train(*cut, 3) + train(*go_on(7, *cut), 4) == expected
