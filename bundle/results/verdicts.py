"""What the results say of a head: its probabilities, whether it has a bleed, and what to do with it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bundle.errors import InputError
from bundle.gate import Kind, Outcome
from bundle.heads import Coverage, Heads, decide, head_peak, head_scores, heads_path, read_heads
from bundle.labels import ANY, NORMAL
from bundle.predictions import View
from bundle.uncertainty import ANY_CLASSES, LEVEL, UNLIKE, Uncertainty

NOT_CALIBRATED = "heads are not calibrated for this checkpoint"
NEVER_SEEN = (Kind.MR, Kind.UNKNOWN_UNIT)
"""Kinds whose score says nothing: the network was not trained on them."""


def find_heads(checkpoint: Path | str, task: str, view: View) -> tuple[Heads | None, str]:
    """Return the calibrations of heads beside a checkpoint, or None and a sentence that says why there are none."""
    try:
        return read_heads(checkpoint, task, view), ""
    except FileNotFoundError:
        name = heads_path(checkpoint).name
        if Path(checkpoint).suffix == ".onnx":
            remedy = "export a checkpoint that has one, or with whole heads"
            return None, f"there is no {name} beside {Path(checkpoint).name}; {remedy}"
        return None, f"there is no {name} beside the checkpoint; evaluate it on whole heads, which writes it"
    except InputError as error:
        return None, str(error)


def describe_heads(heads: Heads | None, reason: str) -> dict[str, Any]:
    """Return what results.json says of the calibrations: thresholds and limits of P(any), or why there are none."""
    if heads is None:
        return {"missing": reason}
    named = {"placed": heads.placed, "unplaced": heads.unplaced}
    return {
        name: {"threshold": found.threshold, "normal": found.normal, "hemorrhage": found.hemorrhage}
        for name, found in named.items()
        if found is not None
    }


def head_verdict(
    slices: Sequence[Mapping[str, Any]],
    row: Mapping[str, Any],
    names: Sequence[str],
    threshold: float,
    head_threshold: float | None,
    heads: Heads | None,
    uncertainty: Uncertainty | None,
    lost: int = 0,
    doubt: str = "",
) -> dict[str, Any]:
    """Return the columns of a series that say what it shows, and what to do with it.

    Args:
        slices: records of its slices that were scored.
        row: of one of them, with what the gate says of the series.
        names: of the scores, see `bundle.predictions.score_names`.
        threshold: P(any) from which on a single slice is called a hemorrhage, and a head without a calibration.
        head_threshold: the same of a calibrated head; None takes that of its calibration.
        heads: calibrations of the checkpoint, if there are any.
        uncertainty: of the checkpoint, if there is one.
        lost: number of its slices that could not be scored.
        doubt: a clause, why it cannot be routine besides; "" for none.
    """
    positions = [np.nan if each["position"] in (None, "") else each["position"] for each in slices]
    coverage = Coverage.of(positions)
    calibration = heads.of(coverage.is_placed) if heads is not None and len(slices) > 1 else None
    kept = [name for name in names if name != NORMAL]
    peaks = head_peak([[each[f"p_{name}"] for name in kept] for each in slices], positions)
    scores = head_scores(peaks, kept.index(ANY), calibration)
    p_any = float(scores[kept.index(ANY)])
    limit = threshold if calibration is None else head_threshold or calibration.threshold
    if len(slices) == 1:
        named = slices[0]["set_any"]
    elif calibration is None:
        named = None
    else:
        named = "|".join(np.array(ANY_CLASSES)[calibration.sets(p_any)]) or "none"
    distances = [each["feature_distance"] for each in slices if each["feature_distance"] is not None]
    distance = round(float(np.median(distances)), 4) if distances else None
    doubts = [*_doubts(coverage, row, distance, uncertainty, lost), *filter(None, [doubt])]
    if len(slices) > 1 and calibration is None:
        doubts.append(NOT_CALIBRATED)
    unknown = f"{row['kind']}: the network was not trained on it" if row.get("kind") in NEVER_SEEN else ""
    verdict = decide(p_any >= limit, named == NORMAL, doubts, unknown)
    return {
        **{f"p_{name}": round(value, 6) for name, value in zip(kept, scores.tolist(), strict=True)},
        "peak_any": round(float(peaks[kept.index(ANY)]), 6),
        "threshold": round(limit, 6),
        "hemorrhage": p_any >= limit,
        "action": str(verdict.action),
        "refer": verdict.refer,
        "refer_reason": "; ".join(verdict.reasons),
        "set_any": named,
        "feature_distance": distance,
        "slices_referred": sum(bool(each["refer"]) for each in slices),
    }


def _doubts(
    coverage: Coverage, row: Mapping[str, Any], distance: float | None, uncertainty: Uncertainty | None, lost: int
) -> Iterator[str]:
    if row.get("outcome") == Outcome.CAUTION and row["kind"] not in NEVER_SEEN:
        yield row["kind"]
    if uncertainty is None:
        yield "likeness to validation was not measured"
    elif distance is not None and distance > uncertainty.at(LEVEL).distance:
        yield UNLIKE
    yield from coverage.doubts()
    if lost:
        yield f"{lost} of its slices could not be scored"


def failed_verdict(lost: int) -> dict[str, Any]:
    """Return the columns of a series of which no slice could be scored, those of `head_verdict` that it has.

    Args:
        lost: number of its slices.
    """
    reason = f"none of its {lost} slices could be scored" if lost > 1 else "its slice could not be scored"
    verdict = decide(called=False, excluded=False, unknown=reason)
    return {"action": str(verdict.action), "refer": verdict.refer, "refer_reason": "; ".join(verdict.reasons)}
