"""What is fitted on validation for one promised coverage: how far a slice or a study may go."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY, LABELS
from bundle.metrics import label_probabilities, study_labels, study_scores
from bundle.uncertainty.conformal import conformal_quantile, fit_any, fit_classes

_ANY = LABELS.index(ANY)


class Limits(NamedTuple):
    """The conformal quantiles of validation at one level; infinite where there were too few slices or studies."""

    level: float
    """The coverage promised, between 0 and 1."""
    normal: float
    """P(any) up to which *normal* belongs to a slice's set."""
    hemorrhage: float
    """1 − P(any) up to which *hemorrhage* does."""
    classes: float
    """1 − probability up to which a class belongs to a slice's set of the classes; NaN for the task ``binary``."""
    distance: float
    """Distance up to which a slice is like those of validation; NaN where no distances were taken."""
    study_normal: float
    """As ``normal``, of the score of a study."""
    study_hemorrhage: float
    """As ``hemorrhage``, of the score of a study."""


def fit_limits(
    probabilities: ArrayLike,
    labels: ArrayLike,
    task: str,
    studies: Sequence[str],
    level: float,
    of_study: ArrayLike | None = None,
    distances: ArrayLike | None = None,
) -> Limits:
    """Fit the limits on the slices of validation.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.
        studies: of each slice.
        level: the coverage promised, between 0 and 1.
        of_study: see `bundle.metrics.study_labels`.
        distances: [N], of each slice to other patients', see `held_out_distances`; None where not taken.
    """
    truth = np.asarray(labels)
    p_any = label_probabilities(probabilities, task)[:, _ANY]
    whole = study_labels(truth, studies, of_study)[:, _ANY]
    return Limits(
        level,
        *fit_any(p_any, truth[:, _ANY], level),
        np.nan if task == "binary" else fit_classes(probabilities, truth, task, level),
        np.nan if distances is None else conformal_quantile(distances, level),
        *fit_any(study_scores(p_any, studies), whole, level),
    )
