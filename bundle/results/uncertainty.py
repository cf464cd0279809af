"""What the results say of their own uncertainty."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from bundle.predictions import Predictions
from bundle.uncertainty import (
    ANY_CLASSES,
    LEVEL,
    SET_CLASSES,
    Uncertainty,
    any_sets,
    class_sets,
    refer,
)

SLICE_COLUMNS = ("set_any", "set_classes", "feature_distance", "refer", "refer_reason")


def describe_uncertainty(uncertainty: Uncertainty | None, reason: str) -> dict[str, Any]:
    """Return what results.json says of it: level and limits, null where infinite, or why there is none."""
    if uncertainty is None:
        return {"missing": reason}
    limits = uncertainty.at(LEVEL)._asdict()
    return {name: value if math.isfinite(value) else None for name, value in limits.items()}


def slice_uncertainty(predictions: Predictions, uncertainty: Uncertainty | None) -> list[dict[str, Any]]:
    """Return the columns of N slices: sets as names between ``|``, ``none`` for an empty set.

    Args:
        predictions: of the slices, with distances.
        uncertainty: of the checkpoint; None makes each column None.

    Raises:
        ValueError: when there is an uncertainty, and the predictions have no distances.
    """
    if uncertainty is None:
        return [dict.fromkeys(SLICE_COLUMNS) for _ in range(len(predictions))]
    if predictions.distances is None:
        raise ValueError("the predictions have no distances, which the uncertainty needs; measure them")
    limits, task = uncertainty.at(LEVEL), predictions.task
    sets = any_sets(predictions.p_any, (limits.normal, limits.hemorrhage))
    classes: Sequence[str | None] = [None] * len(sets)
    if task != "binary":
        classes = _names(class_sets(predictions.probabilities, task, limits.classes))
    referral = refer(sets, predictions.distances, limits.distance)
    return [
        dict(zip(SLICE_COLUMNS, (*fields, bool(reason), reason), strict=True))
        for *fields, reason in zip(
            _names(sets, ANY_CLASSES),
            classes,
            predictions.distances.round(4).tolist(),
            referral.reasons(),
            strict=True,
        )
    ]


def _names(sets: np.ndarray, classes: Sequence[str] = SET_CLASSES) -> list[str]:
    return ["|".join(np.array(classes)[members]) or "none" for members in sets]
