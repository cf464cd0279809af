"""What an evaluator's last run said, with the rows that it said it of."""

from collections.abc import Mapping, Sequence
from typing import Any

from ignite.engine import Engine

from bundle.predictions import Predictions

DISTANCES = "distances"
"""Key in an evaluator's ``state.metric_details`` of the distances that `FeatureDistances` measured, float64 [N]."""


def evaluator_predictions(evaluator: Engine, rows: Sequence[Mapping[str, Any]], task: str) -> Predictions:
    """Return what `bundle.handlers.HemorrhageMetrics` gathered in an evaluator's last run, with distances if measured.

    Args:
        evaluator: that has run, over a loader that keeps the order of `rows`.
        rows: as `bundle.datalist.read_section` gives them.
        task: a key of `bundle.labels.CLASSES`.
    """
    details = evaluator.state.metric_details  # type: ignore[attr-defined]
    return Predictions.of_rows(rows, details["probabilities"].numpy(), task, details.get(DISTANCES))
