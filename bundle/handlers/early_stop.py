"""Early stopping whose state survives a restart."""

import math

from ignite.engine import Engine, Events
from ignite.handlers import EarlyStopping

from bundle.handlers.announced import announce


class EarlyStop(EarlyStopping):
    """Stop the training when a validation metric, lower is better, has not improved for a number of validations.

    `TrainingState` finds it on the trainer and saves it, too.

    It is Ignite's `EarlyStopping`, attached to the trainer as MONAI's handlers are. It stands in for MONAI's
    `EarlyStopHandler`, which keeps counter and best score where no checkpoint can save them.

    Args:
        patience: number of validations without improvement.
        evaluator: the validation engine.
        metric: name of the metric in ``evaluator.state.metrics``; one that is not a number is no improvement.
    """

    def __init__(self, patience: int, evaluator: Engine, metric: str = "loss") -> None:
        def score(engine: Engine) -> float:
            value = engine.state.metrics[metric]
            return math.inf if math.isnan(value) else value

        super().__init__(patience, score, trainer=evaluator, mode="min")
        self.evaluator = evaluator

    def attach(self, engine: Engine) -> None:  # type: ignore[override]
        """Attach to the trainer, which is the engine that is stopped."""
        self.trainer = engine
        self.evaluator.add_event_handler(Events.COMPLETED, self)
        announce(engine, "early_stop", self)
