"""What inference must know of whole heads, written beside the checkpoint."""

import logging
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Events
from monai.engines import Workflow

from bundle.handlers.evaluator_predictions import evaluator_predictions, predictions_alone
from bundle.heads import fit_calibrations, thin_heads, write_heads
from bundle.predictions import THIN, View

logger = logging.getLogger(__name__)


class SaveHeads:
    """Fit the calibrations of heads on an evaluator's whole heads, and write them beside the checkpoint.

    Attach it to the evaluator of the validation split. Too few heads give none, and say so; a folder that cannot be
    written costs the file, not the evaluation.

    Args:
        checkpoint: of the network.
        view: that it has of the slices.
    """

    def __init__(self, checkpoint: Path | str, view: View) -> None:
        self.checkpoint, self.view = checkpoint, view

    def attach(self, engine: Workflow) -> None:
        """Attach to the evaluator."""
        engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Workflow) -> None:
        """Fit and write."""
        if idist.get_rank() > 0:
            return
        smoothed = evaluator_predictions(engine)
        if thin := thin_heads(smoothed):
            logger.info(
                "heads of slices less than %g mm apart: %d, not used to calibrate heads, see docs/heads.md", THIN, thin
            )
        heads = fit_calibrations(smoothed, predictions_alone(engine), self.view)
        if heads.placed is None and heads.unplaced is None:
            logger.info("heads are not calibrated: validation has too few whole heads, see docs/heads.md")
            return
        try:
            path = write_heads(self.checkpoint, heads)
        except OSError as error:
            logger.warning("The calibrations of heads could not be written (%s).", error.strerror)
            return
        logger.info("calibrations of heads for inference: %s", path)
