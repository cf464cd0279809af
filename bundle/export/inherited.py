"""What an exported file takes over from its checkpoint.

**float32.** Its probabilities are those of the checkpoint to `bundle.runtime.bounds.MAX_DIFFERENCE`, else it is not
written. So what was fitted on the checkpoint's probabilities and features holds for the file as well; only the SHA-256
by which a fitted file names its classifier is another.

**int8.** Its probabilities are a little off, so that the calibrations of heads are taken over with wider sets. The
log-odds of a head's peak are a mean of those of its slices (`bundle.heads.head_peak`), and move no further than they
do. How far slices near the limits move is measured on the validation split: 95 % of them no further than the margin,
by which the sets are widened. A head is then *routine* or *read first* in int8 where it is so in float32 as well, and
*read soon* more often.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bundle.errors import InputError
from bundle.export.setup import Setup
from bundle.heads import HeadCalibration, Heads, read_heads
from bundle.heads.log_odds import log_odds
from bundle.predictions import Predictions
from bundle.uncertainty import conformal_quantile, read_uncertainty, write_uncertainty

LEVEL = 0.95
"""Share of the slices near the limits that move no further than the margin."""
NEAR = 1.0
"""Distance from the limits, in log-odds of the peak, within which slices are near."""

Fitted = TypeVar("Fitted")


def checkpoint_heads(setup: Setup) -> Heads | None:
    """Return the calibrations of heads beside the checkpoint; None where there are none for its task and view."""
    return _found(lambda: read_heads(setup.checkpoint, setup.task, setup.view))


def inherit_uncertainty(setup: Setup, file: Path) -> None:
    """Write the checkpoint's uncertainty, if there is one, beside a file in float32."""
    uncertainty = _found(lambda: read_uncertainty(setup.checkpoint, setup.task, setup.view))
    if uncertainty is not None:
        write_uncertainty(file, uncertainty)


def widened_heads(heads: Heads, reference: Predictions, other: Predictions) -> tuple[Heads | None, dict[str, Any]]:
    """Return the calibrations of heads for a runtime, and the margins, in log-odds of a head's P(any), that they have.

    Args:
        heads: of the reference.
        reference: predictions of slices of the validation split in float32.
        other: of the same slices by the runtime.

    Returns:
        The calibrations, those without enough slices near their limits None, and None where both are; and their
        margins by "placed" and "unplaced".
    """
    z = log_odds(reference.p_any)
    moved = np.abs(log_odds(other.p_any) - z)
    margins = {
        name: _margin(calibration, z, moved)
        for name, calibration in (("placed", heads.placed), ("unplaced", heads.unplaced))
        if calibration is not None
    }
    placed, unplaced = (
        calibration.widened(margins[name]) if calibration is not None and np.isfinite(margins[name]) else None
        for name, calibration in (("placed", heads.placed), ("unplaced", heads.unplaced))
    )
    finite = {name: round(margin, 4) for name, margin in margins.items() if np.isfinite(margin)}
    return (Heads(heads.task, heads.view, placed, unplaced) if finite else None), finite


def _margin(calibration: HeadCalibration, z: np.ndarray, moved: np.ndarray) -> float:
    limits = [calibration.peak_at(limit) for limit in (calibration.normal, calibration.hemorrhage)]
    near = (z >= min(limits) - NEAR) & (z <= max(limits) + NEAR)
    return calibration.slope * conformal_quantile(moved[near], LEVEL)


def _found(read: Callable[[], Fitted]) -> Fitted | None:
    try:
        return read()
    except (FileNotFoundError, InputError):
        return None
