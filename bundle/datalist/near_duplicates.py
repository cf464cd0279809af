"""Images that show the same, for datasets whose patients are not known.

Neighbouring slices of a patient on both sides of a split make a model look better than it is. Where no id tells who is
whose, images whose thumbnails correlate above `CORRELATION` count as one patient's.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bundle.datalist.fingerprint import Fingerprint
from bundle.labels import Label

CORRELATION = 0.985
"""Chosen on stacks of 54 known patients (CT-ICH): it joins 23 % of the neighbouring slices of a patient and one in
1.3 million pairs of slices of different patients; at 0.96 such chance pairs chain half of a dataset into one group."""

_BLOCK = 2**26


def find_groups(fingerprints: Sequence[Fingerprint], correlation: float = CORRELATION) -> NDArray[np.int64]:
    """Number the groups of images that are identical or nearly so, directly or through others.

    All pairs are compared, as products of matrices: n² / 2 products of 256 numbers.

    Args:
        fingerprints: of n images.
        correlation: from which two thumbnails are of one group.

    Returns:
        The group of each image, [n], numbered from 0 in the order of their first images.
    """
    if not fingerprints:
        return np.zeros(0, dtype=np.int64)
    # Identical images are joined first: a thousand empty slices would make half a million pairs.
    _, first, image_of = np.unique([each.digest for each in fingerprints], return_index=True, return_inverse=True)
    thumbnails = np.stack([fingerprints[index].thumbnail for index in first])
    count = len(thumbnails)
    step = max(1, _BLOCK // count)
    lefts, rights = [], []
    for start in range(0, count, step):
        left, right = np.nonzero(thumbnails[start : start + step] @ thumbnails[start:].T >= correlation)
        lefts.append(left + start)
        rights.append(right + start)
    left, right = np.concatenate(lefts), np.concatenate(rights)
    joined = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(count, count))
    group = connected_components(joined, directed=False)[1][image_of]
    _, first, group_of = np.unique(group, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group_of]


def find_conflicts(fingerprints: Sequence[Fingerprint], labels: Sequence[Label]) -> dict[int, int]:
    """Return, for each image identical to one whose label contradicts, the index of the first such other image.

    Labels contradict where one says 1 and the other 0; an unknown value contradicts nothing.
    """
    identical = defaultdict(list)
    for index, each in enumerate(fingerprints):
        identical[each.digest].append(index)
    conflicts = {}
    for indices in identical.values():
        if any({0, 1} <= {labels[index][column] for index in indices} for column in range(len(labels[indices[0]]))):
            for index in indices:
                conflicts[index] = next(other for other in indices if other != index)
    return conflicts
