"""A calibration with the sentence that is said of it."""

from pathlib import Path

from bundle.calibration.bias_corrected import at_limit, cross_fitted_errors, fit_bias_corrected
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
        InputError: when the slices with a known *any* are not both with and without a hemorrhage: the loss then has no
            minimum. With a prevalence also when there is no *normal* to shift, or when it is out of range.
    """
    temperature, shift = _fitted(predictions, path)
    unreliable = at_limit(temperature, shift)
    if prevalence is not None:
        shift += _shift(predictions, path, prevalence)
    said = f"logits divided by {temperature:.3f}, normal shifted by {shift:.3f}"
    if unreliable:
        said += "\nnot reliable: at the limit of the search range, the slices are too easy or too few"
    errors = cross_fitted_errors(predictions, prevalence)
    if errors is not None:
        where = "" if prevalence is None else f" where a share of {prevalence:g} has a hemorrhage,"
        said += (
            "\nexpected calibration error of P(any){} {:.3f} before, {:.3f} after (cross-fitted: each of five parts of "
            "the patients is calibrated on the other four)".format(where, *errors)
        )
    return (temperature, shift), said


def _fitted(predictions: Predictions, path: Path | str) -> tuple[float, float]:
    found = fit_bias_corrected(predictions.probabilities, predictions.labels, predictions.task)
    if found is None:
        kinds = set(predictions.truth[predictions.known])
        problem = "has no slice with a known label any"
        if kinds:
            kind = "with" if 1 in kinds else "without"
            problem = f"has {predictions.known.sum()} slices with a known label any, all of them {kind} a hemorrhage"
        raise InputError(problem, "give predictions of slices with and of slices without a hemorrhage", path)
    return found


def _shift(predictions: Predictions, path: Path | str, prevalence: float) -> float:
    if not isinstance(prevalence, float) or not 0 < prevalence < 1:
        raise InputError(f"--prevalence is {prevalence!r}", "give a share above 0 and below 1, as 0.3")
    if predictions.task == "multilabel":
        raise InputError("is of the task multilabel, which has no normal to shift", "leave out --prevalence", path)
    return shift_for_prevalence(predictions.truth[predictions.known], prevalence)
