"""A calibration with the sentence that is said of it."""

from pathlib import Path

from bundle.calibration.bias_corrected import cross_fitted_errors, fit_bias_corrected
from bundle.errors import InputError
from bundle.predictions import Predictions


def fit_described(predictions: Predictions, path: Path | str) -> tuple[tuple[float, float], str]:
    """Return the temperature and the shift of `fit_bias_corrected`, and both with their calibration error in words.

    Args:
        predictions: of slices that the network was not trained on.
        path: of their file, for the error.

    Raises:
        InputError: when no label is known.
    """
    found = fit_bias_corrected(predictions.probabilities, predictions.labels, predictions.task)
    if found is None:
        raise InputError("has no slice with a known label", "give predictions of labelled slices", path)
    said = "logits divided by {:.3f}, normal shifted by {:.3f}".format(*found)
    errors = cross_fitted_errors(predictions)
    if errors is not None:
        said += (
            "\nexpected calibration error of P(any) {:.3f} before, {:.3f} after (cross-fitted: each of five parts of "
            "the patients is calibrated on the other four)".format(*errors)
        )
    return found, said
