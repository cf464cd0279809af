"""Make weights to ship of a checkpoint: ``python -m scripts.weights CHECKPOINT``."""

from pathlib import Path

from bundle.calibration import cross_fitted_errors, fit_bias_corrected
from bundle.command import run_command
from bundle.errors import InputError
from bundle.files.weights import read_weights, save_weights
from bundle.networks import calibrated_weights
from bundle.packaging import WEIGHTS
from bundle.predictions import Predictions, read_predictions


def main(checkpoint: str, predictions: str | None = None, output: str | None = None) -> str:
    """Write a checkpoint as half-precision weights, calibrated where predictions of it are given.

    Args:
        checkpoint: of a training, as output/models/model.pt.
        predictions: what the checkpoint said of slices that it was not trained on, each alone, as
            output/evaluation/validation.csv after an evaluation with --slice_smoothing 0. The temperature and, but for
            the task multilabel, the shift of normal that fit them best go into the weights of the last layer, so that
            every probability is calibrated wherever the weights are used. For that, the slices must be as many of them
            bleeds as those to come.
        output: file to write; the bundle's own models/model.pt when not given.

    Returns:
        What was written, and how well calibrated the slices of a patient are by those of others.
    """
    state = read_weights(checkpoint)
    said = ""
    if predictions is not None:
        known = read_predictions(predictions)
        found = fit_bias_corrected(known.probabilities, known.labels, known.task)
        if found is None:
            raise InputError("has no slice with a known label", "give predictions of labelled slices", predictions)
        state = calibrated_weights(state, *found, checkpoint)
        said = ", logits divided by {:.3f}, normal shifted by {:.3f}".format(*found) + _worth(known)
    path = Path(output) if output is not None else Path(__file__).parents[1] / WEIGHTS
    save_weights(state, path)
    return f"wrote {path}, {path.stat().st_size / 1e6:.1f} MB{said}"


def _worth(known: Predictions) -> str:
    """Return what the calibration is worth to patients whom it was not fitted to."""
    errors = cross_fitted_errors(known)
    if errors is None:
        return ""
    before, after = errors
    return (
        f"\nexpected calibration error of P(any) {before:.3f} before, "
        f"{after:.3f} where each fifth of the patients is calibrated by the others"
    )


if __name__ == "__main__":
    run_command(main)
