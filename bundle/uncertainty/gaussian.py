"""Out-of-distribution detection: the Mahalanobis distance of a slice's features to those of known slices.

Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples (https://arxiv.org/abs/1807.03888),
with one Gaussian for all classes, since labels may be unknown, and Ledoit & Wolf's shrinkage (2004), since slices may
be fewer than features. `benchmarks/unlike.py` compares it with the distance to the nearest neighbours.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bundle.statistics import patient_folds

SLICES = 2000
"""How many slices a Gaussian is fitted on at most; they are spread evenly over those given."""

DIRECTIONS = 512
"""How many directions have a variance of their own at most; the rest share one, so that the file stays small."""

_LEAST_VARIANCE = 1e-12


class Gaussian(NamedTuple):
    """A normal distribution of features, in float32."""

    mean: np.ndarray
    """[D]."""
    directions: np.ndarray
    """[K, D], orthonormal."""
    variances: np.ndarray
    """[K], along the directions."""
    rest: np.ndarray
    """[], the variance along every direction that is orthogonal to them."""

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Return the Mahalanobis distance of each of the features [N, D], float64 [N]."""
        centred = np.asarray(features, dtype=np.float64) - self.mean
        along = np.square(centred @ self.directions.T.astype(np.float64))
        beside = np.maximum(np.square(centred).sum(axis=1) - along.sum(axis=1), 0)
        return np.sqrt((along / self.variances).sum(axis=1) + beside / self.rest)


def fit_gaussian(features: np.ndarray) -> Gaussian:
    """Fit a Gaussian, its covariance shrunk towards a multiple of the identity.

    Args:
        features: [M, D], at least one.
    """
    from sklearn.covariance import ledoit_wolf_shrinkage  # takes more than a second to import

    chosen = np.unique(np.linspace(0, len(features) - 1, min(len(features), SLICES)).round().astype(int))
    values = np.asarray(features, dtype=np.float64)[chosen]
    mean, size = values.mean(axis=0), values.shape[1]
    shrinkage = ledoit_wolf_shrinkage(values - mean, assume_centered=True) if len(values) > 1 else 1.0
    _, singular, directions = np.linalg.svd(values - mean, full_matrices=False)
    own = np.square(singular) / len(values)
    kept = min(len(own), DIRECTIONS)
    shrunk = np.append((1 - shrinkage) * own[:kept], (1 - shrinkage) * own[kept:].sum() / max(size - kept, 1))
    variances = np.maximum(shrunk + shrinkage * own.sum() / size, _LEAST_VARIANCE).astype(np.float32)
    return Gaussian(mean.astype(np.float32), directions[:kept].astype(np.float32), variances[:-1], variances[-1])


def held_out_distances(features: np.ndarray, patients: Sequence[str]) -> np.ndarray:
    """Return how far each slice's features lie from those of other patients, float64 [N].

    The patients are divided into five parts, and each part is measured by the Gaussian of the other four, as a new
    patient's slices will be. With one patient there are no others, and every distance is infinite.

    Args:
        features: [N, D].
        patients: of each slice; one without a name is taken as a patient of its own.
    """
    groups = [patient or f"\n{index}" for index, patient in enumerate(patients)]
    result = np.full(len(features), np.inf)
    for others, part in patient_folds(groups, least=2):
        result[part] = fit_gaussian(features[others]).distances(features[part])
    return result
