"""What is reported of an image that the server was asked about: by the same steps as an inference of the same files."""

from typing import Any

from bundle.files import model_name
from bundle.predictions import Predictions, SliceSmoothing, is_thin, positions_of
from bundle.results import Collected, Model, find_doubts
from bundle.results.records import Record, series_of, series_records, slice_records
from lib.judged import Judged


def head_records(
    judged: Judged, collected: Collected, model: Model, threshold: float, head_threshold: float | None
) -> tuple[list[Record], Record]:
    """Return the records of the slices that were scored, and of the head.

    Args:
        judged: the head.
        collected: what is known of all its slices, of which one at least was scored.
        model: that scored them.
        threshold: see `bundle.results.verdicts.head_verdict`, as the next.
        head_threshold: the same.
    """
    rows, scored = judged.rows, collected.scored
    smoothed = SliceSmoothing(rows, model.view.slice_smoothing)(collected.probabilities, scored)
    seen = [row for row, known in zip(rows, scored, strict=True) if known]
    # Of a slice that was not scored the values have no meaning, and need not be probabilities.
    distances = None if collected.distances is None else collected.distances[scored]
    predictions = Predictions.of_rows(seen, smoothed[scored], model.task, distances)
    slices = slice_records(seen, predictions, collected.uncertainty)
    # Heads were calibrated for slabs, and thin slices are scored one by one here.
    heads = None if is_thin(positions_of(rows)) else model.heads
    doubts = find_doubts(rows, collected, judged.rejected)
    series = series_records(
        slices, seen, model.task, threshold, head_threshold, heads, collected.uncertainty, doubts.lost, doubts.clauses
    )
    # Of another series a file may lie beside these that cannot be read.
    return slices, next(each for each in series if series_of(each) == series_of(rows[0]))


def describe_model(model: Model, no_uncertainty: str) -> dict[str, Any]:
    """Return what answers: "readers", the files that score, and "missing", sentences that say why no head is routine.

    Args:
        model: whose weights a training may have replaced.
        no_uncertainty: why it has no uncertainty, "" where it has one, see `bundle.uncertainty.find_uncertainty`.

    Raises:
        InputError: when its second reader is broken.
    """
    missing = [reason for reason in (no_uncertainty, model.no_heads) if reason]
    return {"readers": model_name(model.file), "missing": missing}
