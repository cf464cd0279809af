import math

import pytest
from ignite.engine import Engine

from bundle.handlers import EarlyStop


@pytest.mark.parametrize(
    ("losses", "stopped_after"),
    [
        ([0.5, 0.6, math.nan], 3),
        ([math.nan, 0.9, 0.8, 0.7, 0.6], None),
        ([math.nan, 0.5, math.nan, 0.6, 0.4], 4),
        ([0.5, 0.6, 0.4, 0.5, 0.5], 5),
    ],
)
def test_a_loss_that_is_not_a_number_is_no_improvement(losses, stopped_after):
    evaluator, trainer = (Engine(lambda engine, batch: None) for _ in range(2))
    early_stop = EarlyStop(2, evaluator)
    early_stop.attach(trainer)
    for number, loss in enumerate(losses, 1):
        evaluator.state.metrics["loss"] = loss
        early_stop(evaluator)
        if trainer.should_terminate:
            assert number == stopped_after
            return
    assert stopped_after is None
