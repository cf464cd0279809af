"""The validation split, scored beside the evaluated one, so that nothing is chosen on the latter."""

import logging
from pathlib import Path
from typing import cast

import ignite.distributed as idist
from ignite.engine import Engine, Events
from monai.engines import Workflow
from torch.utils.data import DataLoader

from bundle.files import writable_folder
from bundle.handlers.evaluator_predictions import evaluator_predictions
from bundle.predictions import write_predictions

logger = logging.getLogger(__name__)


class ValidationPredictions:
    """Run another evaluator before the one it is attached to, and write what it scored as validation.csv.

    Temperatures, thresholds and the like are chosen on these slices. Both evaluators use one network: attach it after
    the handler that loads the checkpoint. The other evaluator needs `bundle.handlers.HemorrhageMetrics` with the rows
    of its loader. Of a job's processes, all run it and rank 0 writes.

    Args:
        evaluator: of the validation split; where that has no slices, nothing is run, and what an earlier evaluation
            left is removed.
        evaluation_dir: the folder of the evaluation.
    """

    def __init__(self, evaluator: Workflow, evaluation_dir: Path | str) -> None:
        self.evaluator = evaluator
        self.path = Path(evaluation_dir) / "validation.csv"

    def attach(self, engine: Engine) -> None:
        """Attach to the evaluator of the other split."""
        engine.add_event_handler(Events.STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Score and write."""
        if idist.get_rank() == 0:
            writable_folder(self.path.parent)
            self.path.unlink(missing_ok=True)
        if not cast(DataLoader, self.evaluator.data_loader).dataset:
            logger.info("the validation split has no slices, so nothing can be chosen on it")
            return
        self.evaluator.run()
        if idist.get_rank() == 0:
            write_predictions(self.path, evaluator_predictions(self.evaluator))
