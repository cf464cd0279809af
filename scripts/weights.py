"""Convert a checkpoint to calibrated weights in half precision: ``python -m scripts.weights CHECKPOINT``."""

from pathlib import Path

from bundle.calibration import cross_fitted_errors, fit_bias_corrected
from bundle.command import run_command
from bundle.errors import InputError
from bundle.files.weights import read_weights, save_weights
from bundle.networks import calibrated_weights
from bundle.packaging import WEIGHTS
from bundle.predictions import Predictions, read_predictions


def main(checkpoint: str, predictions: str | None = None, output: str | None = None) -> str:
    """Write a checkpoint as weights in half precision, calibrated if its predictions are given.

    Args:
        checkpoint: checkpoint of a training, for example output/models/model.pt.
        predictions: predictions of the checkpoint for slices that it was not trained on, not smoothed over neighbours:
            output/evaluation/validation.csv after an evaluation with --slice_smoothing 0. The best temperature and,
            except for the task multilabel, the best shift of normal are included in the weights of the last layer, so
            that the probabilities are calibrated wherever the weights are used. The prevalence of hemorrhage in these
            slices should be that of the intended use.
        output: file to write, by default models/model.pt of the bundle.

    Returns:
        What was written, and the calibration error for patients that were not used for the calibration.
    """
    state = read_weights(checkpoint)
    calibration = ""
    if predictions is not None:
        known = read_predictions(predictions)
        found = fit_bias_corrected(known.probabilities, known.labels, known.task)
        if found is None:
            raise InputError("has no slice with a known label", "give predictions of labelled slices", predictions)
        state = calibrated_weights(state, *found, checkpoint)
        calibration = ", logits divided by {:.3f}, normal shifted by {:.3f}".format(*found) + _cross_fitted(known)
    path = Path(output) if output is not None else Path(__file__).parents[1] / WEIGHTS
    save_weights(state, path)
    return f"wrote {path}, {path.stat().st_size / 1e6:.1f} MB{calibration}"


def _cross_fitted(known: Predictions) -> str:
    """Return the calibration error before and after a calibration on other patients, in words."""
    errors = cross_fitted_errors(known)
    if errors is None:
        return ""
    before, after = errors
    return (
        f"\nexpected calibration error of P(any) {before:.3f} before, "
        f"{after:.3f} after (cross-fitted: each of five parts of the patients is calibrated on the other four)"
    )


if __name__ == "__main__":
    run_command(main)
