"""The validation split, scored beside the evaluated one, so that nothing is chosen on the latter."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events
from monai.engines import Workflow

from bundle.files import writable_folder
from bundle.handlers.evaluator_predictions import evaluator_predictions
from bundle.predictions import write_predictions

logger = logging.getLogger(__name__)


class ValidationPredictions:
    """Run another evaluator before the one it is attached to, and write what it scored as validation.csv.

    Temperatures, thresholds and the like are chosen on these slices. Both evaluators use one network: attach it after
    the handler that loads the checkpoint. The other evaluator needs `bundle.handlers.HemorrhageMetrics` and a loader
    that keeps the order of `rows`. Of a job's processes, all run it and rank 0 writes.

    Args:
        evaluator: of the validation split.
        rows: its rows, as `bundle.datalist.read_section` gives them; where there are none, nothing is run, and what an
            earlier evaluation left is removed.
        task: a key of `bundle.labels.CLASSES`.
        evaluation_dir: the folder of the evaluation.
    """

    def __init__(
        self, evaluator: Workflow, rows: Sequence[Mapping[str, Any]], task: str, evaluation_dir: Path | str
    ) -> None:
        self.evaluator = evaluator
        self.rows = rows
        self.task = task
        self.path = Path(evaluation_dir) / "validation.csv"

    def attach(self, engine: Engine) -> None:
        """Attach to the evaluator of the other split."""
        engine.add_event_handler(Events.STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Score and write."""
        if idist.get_rank() == 0:
            writable_folder(self.path.parent)
            self.path.unlink(missing_ok=True)
        if not self.rows:
            logger.info("the validation split has no slices, so nothing can be chosen on it")
            return
        self.evaluator.run()
        if idist.get_rank() == 0:
            write_predictions(self.path, evaluator_predictions(self.evaluator, self.rows, self.task))
