"""A training that diverged, ended at the epoch in which it did."""

import ignite.distributed as idist
from ignite.engine import Events
from monai.engines import SupervisedTrainer

from bundle.errors import InputError
from bundle.networks import not_finite


class CheckDivergence:
    """Check, at the end of each epoch, that the network's weights are still numbers.

    Attach it to the trainer before the validation handler and `TrainingState`: the checkpoint of the epoch before is
    kept, from which the training goes on with a smaller learning rate. It is not Ignite's `TerminateOnNan`, which waits
    for the GPU in each iteration, and ends a training as if it were done.
    """

    def attach(self, engine: SupervisedTrainer) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: SupervisedTrainer) -> None:
        """Check the weights, of a job's processes in all.

        Raises:
            InputError: when one is not a finite number.
        """
        diverged = bool(not_finite(engine.network, engine.network.state_dict()))
        if idist.all_reduce(int(diverged)):
            learning_rate = engine.optimizer.param_groups[0]["lr"]
            raise InputError(
                f"the training diverged in epoch {engine.state.epoch} (learning_rate {learning_rate:.3g})",
                "train again, or go on from the epoch before by --resume true, with a smaller --learning_rate",
            )
