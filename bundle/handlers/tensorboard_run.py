"""Where a run begins and ends in TensorBoard, and how it was configured."""

from collections.abc import Mapping
from typing import Any

from ignite.engine import Engine, Events
from torch.utils.tensorboard.summary import hparams

from bundle.handlers.epoch_scalars import BEST, LAYOUT
from bundle.handlers.summary_writer import RunWriter


class TensorBoardRun:
    """Write the hyperparameters, the layout of the charts, and where the run starts, goes on and ends.

    A resumed run goes on in the curves of the run before: what that one wrote after its last checkpoint is purged, and
    a training anew under the same name purges all. The hyperparameters stand in the run's own folder, where
    `SummaryWriter.add_hparams` would make a second run of them; the figures beside them are the scalars
    ``validation_best/…``, so that they show from the first epoch on and survive a kill. Attach it after the handler
    that resumes.

    Args:
        summary_writer: of the run.
        hyperparameters: name → value; what is no number is shown as text.
    """

    def __init__(self, summary_writer: RunWriter, hyperparameters: Mapping[str, Any]) -> None:
        self.summary_writer = summary_writer
        shown = {
            name: value if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
            for name, value in hyperparameters.items()
        }
        figures = {f"validation_best/{name}": 0.0 for name in (*BEST, "epoch")}
        self.experiment, self.session_start, self.session_end = hparams(shown, figures)

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.STARTED, self)
        engine.add_event_handler(Events.COMPLETED, self._end)

    def __call__(self, engine: Engine) -> None:
        """Purge what comes after the point from which the training goes on, and describe the run."""
        # Epochs are fewer than iterations: this leaves what is counted in epochs, all of it written after a checkpoint.
        self.summary_writer.begin(engine.state.iteration + 1)
        for summary in (self.experiment, self.session_start):
            self.summary_writer.add_summary(summary, 0)
        self.summary_writer.add_custom_scalars(LAYOUT)
        self.summary_writer.flush()

    def _end(self, engine: Engine) -> None:
        self.summary_writer.add_summary(self.session_end, 0)
        self.summary_writer.close()
