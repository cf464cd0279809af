"""What is fitted on the validation split at once."""

from bundle.predictions import Predictions, View
from bundle.uncertainty.conformal import LEVELS
from bundle.uncertainty.gaussian import Gaussian
from bundle.uncertainty.limits import fit_limits
from bundle.uncertainty.uncertainty_file import Uncertainty


def fit_uncertainty(validation: Predictions, gaussian: Gaussian, view: View) -> Uncertainty:
    """Return the limits of every level and the distribution of features.

    Args:
        validation: with the distances of each slice to other patients', see `held_out_distances`.
        gaussian: of the features of these slices.
        view: of these slices.
    """
    return Uncertainty(validation.task, tuple(fit_limits(validation, level) for level in LEVELS), gaussian, view)
