"""The validation of the last epoch, which no interval leaves out."""

from ignite.engine import Events
from monai.engines import Evaluator, Workflow


class ValidateLastEpoch:
    """Validate after the last epoch, too, when MONAI's `ValidationHandler` has not.

    Without it a training shorter than the interval would end without a best model, and any other would not look at its
    last epochs. Attach it to the trainer after the `ValidationHandler`.

    Args:
        evaluator: the validation engine.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def attach(self, engine: Workflow) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Workflow) -> None:
        """Validate."""
        epoch = engine.state.epoch
        if epoch == engine.state.max_epochs and epoch != self.evaluator.state.epoch:
            self.evaluator.run(epoch)
