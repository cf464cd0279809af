"""What the results say of their own uncertainty."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.labels import ANY, LABELS
from bundle.metrics import label_probabilities, study_scores
from bundle.uncertainty import (
    ANY_CLASSES,
    LEVEL,
    SET_CLASSES,
    Calibration,
    any_sets,
    calibration_path,
    class_sets,
    read_calibration,
    refer,
)

NOTHING = dict.fromkeys(("set_any", "set_classes", "feature_distance", "refer", "refer_reason"))
"""What a record says where the checkpoint has no calibration."""


def find_calibration(checkpoint: Path | str, task: str) -> tuple[Calibration | None, str]:
    """Return the calibration beside a checkpoint, or None and a sentence that says why there is none."""
    try:
        return read_calibration(checkpoint, task), ""
    except FileNotFoundError:
        missing = f"there is no {calibration_path(checkpoint).name} beside the checkpoint; evaluate it on a datalist "
        return None, f"{missing}with a validation split, which writes it"
    except InputError as error:
        return None, str(error)


def describe_calibration(calibration: Calibration | None, reason: str) -> dict[str, Any]:
    """Return what results.json says of the calibration: level and limits, null where infinite, or why there is none."""
    if calibration is None:
        return {"missing": reason}
    limits = calibration.at(LEVEL)._asdict()
    return {name: value if math.isfinite(value) else None for name, value in limits.items()}


def cannot_decide(calibration: Calibration) -> bool:
    """Return whether validation had too few studies for the set of any series to decide."""
    limits = calibration.at(LEVEL)
    return math.isinf(limits.study_normal) and math.isinf(limits.study_hemorrhage)


def slice_uncertainty(
    probabilities: np.ndarray, distances: np.ndarray, task: str, calibration: Calibration
) -> list[dict[str, Any]]:
    """Return the fields of `NOTHING` for each of N slices: sets as names between ``|``, ``none`` for an empty set.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        distances: [N], of the slices' features.
        task: a key of `bundle.labels.CLASSES`.
        calibration: of the checkpoint.
    """
    limits = calibration.at(LEVEL)
    p_any = label_probabilities(probabilities, task)[:, LABELS.index(ANY)]
    sets = any_sets(p_any, (limits.normal, limits.hemorrhage))
    classes = [None] * len(sets) if task == "binary" else _names(class_sets(probabilities, task, limits.classes))
    referral = refer(sets, distances, limits.distance)
    return [
        dict(zip(NOTHING, (*fields, bool(reason), reason), strict=True))
        for *fields, reason in zip(
            _names(sets, ANY_CLASSES), classes, distances.round(4).tolist(), referral.reasons(), strict=True
        )
    ]


def series_uncertainty(p_any: Sequence[float], distances: Sequence[float], calibration: Calibration) -> dict[str, Any]:
    """Return the fields of `NOTHING`, but ``set_classes``, for a series of n slices.

    Its set is that of its score, and it is unlike validation where half of its slices are.

    Args:
        p_any: [n].
        distances: [n], of the slices' features.
        calibration: of the checkpoint.
    """
    limits = calibration.at(LEVEL)
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
