"""A training that could teach nothing, refused before its first step."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ignite.engine import Engine, Events
from monai.engines import Workflow

from bundle.errors import InputError
from bundle.labels import ANY_INDEX, UNKNOWN

logger = logging.getLogger(__name__)

LEAST = 2
"""Slices of a batch, at least: of one alone batch normalisation knows no spread."""


class CheckTrainingData:
    """Check, when a training starts, that there are slices to learn from, and labels to choose the best epoch by.

    A training section without a hemorrhage is told in the log, for some may be painted into it; likewise a validation
    section without one, or with nothing else.

    Args:
        evaluator: the validation engine.
    """

    def __init__(self, evaluator: Workflow) -> None:
        self.evaluator = evaluator

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.STARTED, self)

    def __call__(self, engine: Workflow) -> None:
        """Check the rows of both loaders' datasets.

        Raises:
            InputError: when the training section has fewer slices than `LEAST`, or the batch; or when a section has no
                known label.
        """
        batch_size, rows = _batch_size_and_rows(engine)
        if batch_size is not None and batch_size < LEAST:
            raise InputError(f"the batch_size is {batch_size}", f"give at least {LEAST}, for batch normalisation")
        if len(rows) < LEAST:
            raise InputError(
                f"the training section has {len(rows)} slice, and a training needs at least {LEAST}",
                "prepare the datalist with more patients, or with a larger fraction for training",
            )
        judged = _batch_size_and_rows(self.evaluator)[1]
        for section, of_section in (("training", rows), ("validation", judged)):
            if not has_known_label(of_section):
                raise InputError(
                    f"no slice of the {section} section has a known label",
                    "label some, or divide the patients into sections anew",
                )
        if not any(row["label"][ANY_INDEX] == 1 for row in rows):
            logger.warning(
                "no slice of the training section is known to have a hemorrhage: the network learns at most those that "
                "--painted_bleeds adds"
            )
        for value, kind in ((1, "hemorrhage"), (0, "slice without one")):
            if not any(row["label"][ANY_INDEX] == value for row in judged):
                logger.warning(
                    "the validation section has no known %s: the best epoch is chosen without, and may be one that "
                    "calls all slices alike",
                    kind,
                )


def has_known_label(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether one of the rows' labels, [6] each, is not `bundle.labels.UNKNOWN`."""
    return any(np.any(np.asarray(row["label"]) != UNKNOWN) for row in rows)


def _batch_size_and_rows(engine: Workflow) -> tuple[int | None, Sequence[Mapping[str, Any]]]:
    loader: Any = engine.data_loader
    return loader.batch_size, loader.dataset.data
