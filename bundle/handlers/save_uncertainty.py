"""What inference must know of the validation split, written beside the checkpoint."""

import logging
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Events
from monai.engines import Workflow

from bundle.handlers.announced import announced
from bundle.handlers.evaluator_predictions import evaluator_predictions
from bundle.predictions import View
from bundle.uncertainty import find_uncertainty, fit_uncertainty, write_uncertainty

logger = logging.getLogger(__name__)


class SaveUncertainty:
    """Fit the limits of prediction sets and distances on an evaluator's slices, and write them beside the checkpoint.

    Attach it to the evaluator of the validation split, after `FeatureDistances`. A folder that cannot be written
    costs the file, not the evaluation. Where no slice is known to have a hemorrhage, or none to have none, as in a
    validation of whole heads with one label each, limits call every slice undecided: earlier ones of the checkpoint
    stay in their place.

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
        gaussian = announced(engine)["distances"].gaussian
        if idist.get_rank() > 0 or gaussian is None:
            return
        predictions = evaluator_predictions(engine)
        earlier, _ = find_uncertainty(self.checkpoint, predictions.task, self.view)
        if earlier is not None and not {0, 1} <= set(predictions.truth[predictions.known]):
            logger.info(
                "the limits of prediction sets stay as they are: for others, validation needs slices that are known to "
                "have a hemorrhage, and to have none"
            )
            return
        try:
            fitted = fit_uncertainty(predictions, gaussian, self.view)
            path = write_uncertainty(self.checkpoint, fitted)
        except OSError as error:
            logger.warning(
                "The uncertainty file could not be written next to %s (%s): inference will have no prediction sets.",
                self.checkpoint, error.strerror,
            )  # fmt: skip
            return
        logger.info("uncertainty for inference: %s", path)
