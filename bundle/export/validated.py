"""What is fitted on the validation split with the files of a runtime: its calibration and its uncertainty."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bundle.calibration import CHOOSE, SENSITIVITIES, SPECIFICITIES, fit_bias_corrected
from bundle.export.setup import Setup
from bundle.export.slices import Slices
from bundle.heads import Heads, fit_calibrations
from bundle.predictions import Predictions, SliceSmoothing
from bundle.runtime.classifier import Classifier, Outputs, probabilities
from bundle.runtime.export_file import Calibration
from bundle.uncertainty import fit_gaussian, fit_uncertainty, held_out_distances, write_uncertainty

_DECIMALS = 2
"""Of temperature and shift; further ones are chance."""


@dataclass(frozen=True, eq=False)
class Validated:
    """A runtime's outputs for the validation split, and what was fitted on them."""

    outputs: Outputs
    fitted: tuple[float, float] | None
    """Temperature and shift of the outputs as they are; None where no label is known."""
    calibration: Calibration | None
    predictions: Predictions
    """Calibrated, each slice alone."""


def validate(setup: Setup, file: Path, slices: Slices, reference: "Validated | None" = None) -> Validated:
    """Run a classifier over the validation split and calibrate it.

    The checkpoint has a calibration of its own, by ``python -m scripts.weights``. The temperature and the shift of a
    runtime bring its logits to that one: both are fitted for the reference and for the runtime by the same function,
    and their difference is what the runtime gets.

    Args:
        setup: of the checkpoint.
        file: of the classifier.
        slices: of the validation split.
        reference: of the file in float32, which has passed the comparison with PyTorch; None for itself.
    """
    outputs = Classifier(file, setup.mirrored)(slices.images)
    plain = _predictions(setup, slices, outputs, None)
    fitted = fit_bias_corrected(plain.probabilities, plain.labels, setup.task)
    if fitted is None:
        return Validated(outputs, None, None, plain)
    temperature, shift = relative(fitted, fitted if reference is None or reference.fitted is None else reference.fitted)
    calibration = Calibration(int(plain.known.sum()), temperature, shift, ())
    calibrated = _predictions(setup, slices, outputs, calibration)
    smoothed = _smoothed(setup, slices, calibrated)
    calibration = Calibration(calibration.slices, temperature, shift, operating_points(smoothed))
    return Validated(outputs, fitted, calibration, calibrated)


def relative(fitted: tuple[float, float], reference: tuple[float, float]) -> tuple[float, float]:
    """Return the temperature and shift that give a runtime's logits the calibration that the reference's have.

    With logits l / T + s that are calibrated for both, those of the runtime are brought to the reference's as they are:
    l / (T / T0) + T0 (s - s0).

    Example:
        >>> relative((1.5, 0.25), (1.5, 0.25))
        (1.0, 0.0)
    """
    (temperature, shift), (temperature_0, shift_0) = fitted, reference
    return round(temperature / temperature_0, _DECIMALS), round(temperature_0 * (shift - shift_0), _DECIMALS)


def operating_points(predictions: Predictions) -> list[dict[str, Any]]:
    """Return the thresholds of P(any) for the wanted sensitivities and specificities, see `Calibration`."""
    known = predictions.restricted(predictions.known)
    return [
        {"wanted": kind, "share": share, "threshold": partial(CHOOSE[kind], wanted=share)(known.truth, known.p_any)}
        for kind, shares in (("sensitivity", SENSITIVITIES), ("specificity", SPECIFICITIES))
        for share in shares
    ]


def write_fitted(setup: Setup, file: Path, slices: Slices, validated: Validated) -> Heads | None:
    """Write the uncertainty of a runtime beside its file, whose SHA-256 it names, and return calibrations of heads.

    Of too few whole heads there are none, see `bundle.heads.fit_calibrations`.
    """
    features, alone = validated.outputs.features, validated.predictions
    distances = held_out_distances(features, alone.patients)
    smoothed = _smoothed(setup, slices, alone, distances)
    write_uncertainty(file, fit_uncertainty(smoothed, fit_gaussian(features), setup.view))
    heads = fit_calibrations(smoothed, alone, setup.view)
    return None if heads.placed is None and heads.unplaced is None else heads


def _predictions(setup: Setup, slices: Slices, outputs: Outputs, calibration: Calibration | None) -> Predictions:
    return Predictions.of_rows(slices.rows, probabilities(outputs.logits, setup.task, calibration), setup.task)


def _smoothed(
    setup: Setup, slices: Slices, predictions: Predictions, distances: np.ndarray | None = None
) -> Predictions:
    smoothed = SliceSmoothing(slices.rows, setup.slice_smoothing)(predictions.probabilities)
    return Predictions.of_rows(slices.rows, smoothed, setup.task, distances)
