"""What an evaluator's last run said, with the rows that it said it of."""

from ignite.engine import Engine

from bundle.predictions import Predictions

DISTANCES = "distances"
"""Key in an evaluator's ``state.metric_details`` of the distances that `FeatureDistances` measured, float64 [N]."""


def evaluator_predictions(evaluator: Engine) -> Predictions:
    """Return what `bundle.handlers.HemorrhageMetrics` gathered in an evaluator's last run, with distances if measured.

    Args:
        evaluator: that has run, over a loader that keeps the order of the rows that `HemorrhageMetrics` knows.
    """
    return _predictions(evaluator, "probabilities")


def predictions_alone(evaluator: Engine) -> Predictions:
    """Return the same, each slice without its neighbours."""
    return _predictions(evaluator, "alone")


def _predictions(evaluator: Engine, key: str) -> Predictions:
    details = evaluator.state.metric_details  # type: ignore[attr-defined]
    return Predictions.of_rows(details["rows"], details[key].numpy(), details["task"], details.get(DISTANCES))
