"""What the results say of their own uncertainty."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.labels import ANY_INDEX
from bundle.predictions import label_probabilities, study_scores
from bundle.uncertainty import (
    ANY_CLASSES,
    LEVEL,
    SET_CLASSES,
    Uncertainty,
    any_sets,
    class_sets,
    read_uncertainty,
    refer,
    uncertainty_path,
)

NOTHING = dict.fromkeys(("set_any", "set_classes", "feature_distance", "refer", "refer_reason"))
"""What a record says where the checkpoint has no uncertainty file."""


def find_uncertainty(checkpoint: Path | str, task: str) -> tuple[Uncertainty | None, str]:
    """Return the uncertainty file beside a checkpoint, or None and a sentence that says why there is none."""
    try:
        return read_uncertainty(checkpoint, task), ""
    except FileNotFoundError:
        missing = f"there is no {uncertainty_path(checkpoint).name} beside the checkpoint; evaluate it on a datalist "
        return None, f"{missing}with a validation split, which writes it"
    except InputError as error:
        return None, str(error)


def describe_uncertainty(uncertainty: Uncertainty | None, reason: str) -> dict[str, Any]:
    """Return what results.json says of it: level and limits, null where infinite, or why there is none."""
    if uncertainty is None:
        return {"missing": reason}
    limits = uncertainty.at(LEVEL)._asdict()
    return {name: value if math.isfinite(value) else None for name, value in limits.items()}


def cannot_decide(uncertainty: Uncertainty) -> bool:
    """Return whether validation had too few studies for the set of any series to decide."""
    limits = uncertainty.at(LEVEL)
    return math.isinf(limits.study_normal) and math.isinf(limits.study_hemorrhage)


def slice_uncertainty(
    probabilities: np.ndarray, distances: np.ndarray, task: str, uncertainty: Uncertainty
) -> list[dict[str, Any]]:
    """Return the fields of `NOTHING` for each of N slices: sets as names between ``|``, ``none`` for an empty set.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        distances: [N], of the slices' features.
        task: a key of `bundle.labels.CLASSES`.
        uncertainty: of the checkpoint.
    """
    limits = uncertainty.at(LEVEL)
    p_any = label_probabilities(probabilities, task)[:, ANY_INDEX]
    sets = any_sets(p_any, (limits.normal, limits.hemorrhage))
    classes = [None] * len(sets) if task == "binary" else _names(class_sets(probabilities, task, limits.classes))
    referral = refer(sets, distances, limits.distance)
    return [
        dict(zip(NOTHING, (*fields, bool(reason), reason), strict=True))
        for *fields, reason in zip(
            _names(sets, ANY_CLASSES), classes, distances.round(4).tolist(), referral.reasons(), strict=True
        )
    ]


def series_uncertainty(p_any: Sequence[float], distances: Sequence[float], uncertainty: Uncertainty) -> dict[str, Any]:
    """Return the fields of `NOTHING`, but ``set_classes``, for a series of n slices.

    Its set is that of its score, and it is unlike validation where half of its slices are.

    Args:
        p_any: [n].
        distances: [n], of the slices' features.
        uncertainty: of the checkpoint.
    """
    limits = uncertainty.at(LEVEL)
    sets = any_sets(study_scores(p_any, [""] * len(p_any)), (limits.study_normal, limits.study_hemorrhage))
    distance = np.median(distances)
    (reason,) = refer(sets, [distance], limits.distance).reasons()
    return {
        "set_any": _names(sets, ANY_CLASSES)[0],
        "feature_distance": round(float(distance), 4),
        "refer": bool(reason),
        "refer_reason": reason,
    }


def _names(sets: np.ndarray, classes: Sequence[str] = SET_CLASSES) -> list[str]:
    return ["|".join(np.array(classes)[members]) or "none" for members in sets]
