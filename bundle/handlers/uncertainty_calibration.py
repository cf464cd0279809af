"""What inference must know of the validation split, written beside the checkpoint."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import numpy as np
from ignite.engine import Events
from monai.engines import Workflow

from bundle.handlers.feature_distances import DISTANCES, FeatureDistances
from bundle.metrics import study_names
from bundle.uncertainty import LEVELS, Calibration, fit_limits, write_calibration

logger = logging.getLogger(__name__)


class UncertaintyCalibration:
    """Fit the limits of prediction sets and distances on an evaluator's slices, and write them beside the checkpoint.

    Attach it to the evaluator of the validation split, after its `FeatureDistances`. A folder that cannot be written
    costs the file, not the evaluation.

    Args:
        checkpoint: of the network.
        rows: of the evaluator, as `bundle.datalist.read_section` gives them.
        task: a key of `bundle.labels.CLASSES`.
        distances: the handler on the same evaluator.
    """

    def __init__(
        self, checkpoint: Path | str, rows: Sequence[Mapping[str, Any]], task: str, distances: FeatureDistances
    ) -> None:
        self.checkpoint = checkpoint
        self.rows = rows
        self.task = task
        self.distances = distances

    def attach(self, engine: Workflow) -> None:
        """Attach to the evaluator."""
        engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Workflow) -> None:
        """Fit and write."""
        gaussian = self.distances.gaussian
        if idist.get_rank() > 0 or gaussian is None:
            return
        details = engine.state.metric_details
        labels, read = (np.stack([row[key] for row in self.rows]) for key in ("label", "study_label"))
        studies = study_names(*([row[key] for row in self.rows] for key in ("study", "patient")))
        scores = details["probabilities"].numpy(), labels, self.task, studies
        limits = tuple(fit_limits(*scores, level, read, details[DISTANCES]) for level in LEVELS)
        try:
            path = write_calibration(self.checkpoint, Calibration(self.task, limits, gaussian))
        except OSError as error:
            logger.warning(
                "The calibration could not be written beside %s (%s): inference will know no uncertainty.",
                self.checkpoint, error.strerror,
            )  # fmt: skip
            return
        logger.info("calibration for inference: %s", path)
