"""Which metrics the labels of a split cannot give, and why."""

import numpy as np
from numpy.typing import ArrayLike

from bundle.labels import ANY, LABELS, UNKNOWN


def not_computable(labels: ArrayLike, task: str) -> list[str]:
    """Return, a sentence a label, which metrics these labels cannot give and why; empty when all can be computed.

    Args:
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.

    Example:
        >>> not_computable([[0] * 6, [0] * 6], "binary")
        ['any: no positive slice in this split',
         'subtypes: a network of the binary task does not distinguish them']
    """
    truth = np.asarray(labels)
    reasons = []
    for column, name in enumerate(LABELS):
        if task == "binary" and name != ANY:
            continue
        values = truth[:, column]
        if not np.any(values != UNKNOWN):
            reasons.append(f"{name}: unknown in every slice of this split")
        elif not np.any(values == 1):
            reasons.append(f"{name}: no positive slice in this split")
        elif not np.any(values == 0):
            reasons.append(f"{name}: no negative slice in this split")
    if task == "binary":
        reasons.append("subtypes: a network of the binary task does not distinguish them")
    return reasons
