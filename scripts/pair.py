"""Let a second network read every slice as well: ``python -m scripts.pair CHECKPOINT SECOND …``."""

from dataclasses import replace
from pathlib import Path

from bundle.calibration import fit_described, pooled
from bundle.command import run_command
from bundle.errors import InputError
from bundle.files import SecondReader, write_second_reader
from bundle.heads import Heads, read_heads, write_heads
from bundle.predictions import read_predictions
from bundle.report import require_calibratable


def main(
    checkpoint: str, second: str, predictions: str, second_predictions: str, prevalence: float | None = None
) -> str:
    """Write beside a checkpoint that a second network reads with it, and calibrate the two together.

    The file, as models/model.second.json, is used wherever the checkpoint is: in inference, evaluation and export. The
    uncertainty beside the checkpoint is that of one network and no longer holds, so evaluate it again. Calibrations of
    heads are kept, for probabilities are calibrated before and after; an evaluation on whole heads replaces them.

    Args:
        checkpoint: calibrated weights of the first network, as scripts.weights writes them.
        second: of the second, in the same folder, trained with configs/model_edge.json.
        predictions: of the first for slices that neither was trained on, not smoothed over neighbours:
            predictions.csv or validation.csv of an evaluation with --slice_smoothing 0. Others, and those
            of the training section, are refused where report.json beside them says so.
        second_predictions: of the second for the same slices.
        prevalence: share of slices with a hemorrhage where the two will read, as 0.4; by default that of the
            predictions.

    Returns:
        What was written, and the calibration error for patients that were not used for the calibration.
    """
    if Path(second).resolve().parent != Path(checkpoint).resolve().parent:
        raise InputError(f"is not in the folder of {checkpoint}", "copy it there", second)
    require_calibratable(predictions, checkpoint)
    require_calibratable(second_predictions, second)
    first, other = read_predictions(predictions), read_predictions(second_predictions)
    if not first.same_slices(other):
        problem = f"is of other slices than {predictions}, or has other labels"
        raise InputError(problem, "evaluate both alike", second_predictions)
    together = replace(first, probabilities=pooled(first.probabilities, other.probabilities, first.task))
    found, said = fit_described(together, predictions, prevalence)
    heads = _heads(checkpoint, first.task)
    path = write_second_reader(checkpoint, SecondReader(Path(second).name, *found))
    of_heads = "no calibrations of heads are kept" if heads is None else f"kept {write_heads(checkpoint, heads)}"
    return f"wrote {path}: {said}\n{of_heads}"


def _heads(checkpoint: str, task: str) -> Heads | None:
    """Return the calibrations of heads of the checkpoint as it was used until now, if there are any."""
    try:
        return read_heads(checkpoint, task, None)
    except (FileNotFoundError, InputError):
        return None


if __name__ == "__main__":
    run_command(main)
