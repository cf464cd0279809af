"""How unlike anything seen a slice is: the distance of its features to those of known slices.

Sun et al., Out-of-Distribution Detection with Deep Nearest Neighbors, https://arxiv.org/abs/2204.06507: the distance
to the k-th nearest of the known features, all brought to length 1. It supposes nothing of their distribution, and is
fitted by keeping them.
"""

from collections.abc import Sequence

import numpy as np

NEIGHBOUR = 5
"""Which nearest neighbour the distance is taken to."""

REFERENCES = 5000
"""How many features are kept at most; they are spread evenly over those given."""

_CHUNK = 1024


def keep_references(features: np.ndarray) -> np.ndarray:
    """Return the indices of the features to keep, evenly spread, at most `REFERENCES`.

    Args:
        features: [M, D].
    """
    return np.unique(np.linspace(0, len(features) - 1, min(len(features), REFERENCES)).round().astype(int))


def neighbour_distances(
    features: np.ndarray,
    references: np.ndarray,
    groups: tuple[Sequence[str], Sequence[str]] | None = None,
) -> np.ndarray:
    """Return the distance of each of the features to its `NEIGHBOUR`-th nearest reference.

    Args:
        features: [N, D].
        references: [M, D].
        groups: patients of the N features and of the M references; given, a slice is not compared with those of its
            own patient, as a new patient's will not be.

    Returns:
        float64 [N], from 0 to 2; infinite where there are fewer than `NEIGHBOUR` references to compare with.
    """
    known = _unit(references)
    own, others = (np.asarray(each) for each in groups) if groups else (None, None)
    result = np.full(len(features), np.inf)
    if len(known) < NEIGHBOUR:
        return result
    for start in range(0, len(features), _CHUNK):
        part = slice(start, start + _CHUNK)
        squared = 2 - 2 * _unit(features[part]) @ known.T
        if own is not None:
            squared[own[part, None] == others[None]] = np.inf
        result[part] = np.sqrt(np.maximum(np.partition(squared, NEIGHBOUR - 1, axis=1)[:, NEIGHBOUR - 1], 0))
    return result


def _unit(features: np.ndarray) -> np.ndarray:
    values = np.asarray(features, dtype=np.float64)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return np.divide(values, length, out=np.zeros_like(values), where=length > 0)
