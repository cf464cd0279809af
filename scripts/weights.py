"""Convert a checkpoint to calibrated weights in half precision: ``python -m scripts.weights CHECKPOINT``."""

from pathlib import Path

from bundle.calibration import fit_described
from bundle.command import run_command
from bundle.errors import InputError
from bundle.files.weights import read_weights, save_weights, weights_task
from bundle.networks import calibrated_weights
from bundle.packaging import WEIGHTS
from bundle.predictions import read_predictions
from bundle.report import require_calibratable


def main(
    checkpoint: str, predictions: str | None = None, output: str | None = None, prevalence: float | None = None
) -> str:
    """Write a checkpoint as weights in half precision, calibrated if its predictions are given.

    Args:
        checkpoint: checkpoint of a training, for example output/models/model.pt.
        predictions: predictions of the checkpoint for slices that it was not trained on, not smoothed over neighbours:
            output/alone/validation.csv after an evaluation with --slice_smoothing 0 --evaluation_dir output/alone.
            Others, and those of the training section, are refused where report.json beside them says so. The best
            temperature and, except for the task multilabel, the best shift of normal are included in the weights of the
            last layer, so that the probabilities are calibrated wherever the weights are used.
        output: file to write, by default models/model.pt of the bundle.
        prevalence: share of slices with a hemorrhage where the weights will be used, as 0.4; by default that of the
            predictions.

    Returns:
        What was written, and the calibration error for patients that were not used for the calibration.
    """
    state = read_weights(checkpoint)
    calibration = ""
    if predictions is not None:
        require_calibratable(predictions, checkpoint)
        scored = read_predictions(predictions)
        if weights_task(state) not in (None, scored.task):
            problem = f"is of the task {scored.task}, and {checkpoint} of the task {weights_task(state)}"
            raise InputError(problem, "give the predictions of this checkpoint", predictions)
        found, said = fit_described(scored, predictions, prevalence)
        state = calibrated_weights(state, *found, checkpoint)
        calibration = f", {said}"
    path = Path(output) if output is not None else Path(__file__).parents[1] / WEIGHTS
    save_weights(state, path)
    return f"wrote {path}, {path.stat().st_size / 1e6:.1f} MB{calibration}"


if __name__ == "__main__":
    run_command(main)
