"""A calibration with the sentence that is said of it."""

from pathlib import Path

from bundle.calibration.bias_corrected import cross_fitted_errors, fit_bias_corrected
from bundle.calibration.prevalence import shift_for_prevalence
from bundle.errors import InputError
from bundle.predictions import Predictions


def fit_described(
    predictions: Predictions, path: Path | str, prevalence: float | None = None
) -> tuple[tuple[float, float], str]:
    """Return the temperature and the shift of `fit_bias_corrected`, and both with their calibration error in words.

    Args:
        predictions: of slices that the network was not trained on.
        path: of their file, for the error.
        prevalence: share of slices with a hemorrhage where the probabilities will be used, above 0 and below 1; by
            default that of these slices.

    Raises:
        InputError: when no label is known; with a prevalence also when there is no *normal* to shift, when it is out of
            range, or when the slices are all with or all without a hemorrhage.
    """
    found = fit_bias_corrected(predictions.probabilities, predictions.labels, predictions.task)
    if found is None:
        raise InputError("has no slice with a known label", "give predictions of labelled slices", path)
    temperature, shift = found
    if prevalence is not None:
        shift += _shift(predictions, path, prevalence)
    said = f"logits divided by {temperature:.3f}, normal shifted by {shift:.3f}"
    errors = cross_fitted_errors(predictions, prevalence)
    if errors is not None:
        where = "" if prevalence is None else f" where a share of {prevalence:g} has a hemorrhage,"
        said += (
            "\nexpected calibration error of P(any){} {:.3f} before, {:.3f} after (cross-fitted: each of five parts of "
            "the patients is calibrated on the other four)".format(where, *errors)
        )
    return (temperature, shift), said


def _shift(predictions: Predictions, path: Path | str, prevalence: float) -> float:
    if not isinstance(prevalence, float) or not 0 < prevalence < 1:
        raise InputError(f"--prevalence is {prevalence!r}", "give a share above 0 and below 1, as 0.3")
    if predictions.task == "multilabel":
        raise InputError("is of the task multilabel, which has no normal to shift", "leave out --prevalence", path)
    try:
        return shift_for_prevalence(predictions.truth[predictions.known], prevalence)
    except ValueError as error:
        raise InputError(f"cannot tell another prevalence: {error}", "leave out --prevalence", path) from error
