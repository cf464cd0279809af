"""Weights against class imbalance."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundle.labels import ANY, ANY_INDEX, CLASSES, LABELS, SUBTYPES, UNKNOWN

logger = logging.getLogger(__name__)


def class_weights(rows: Sequence[Mapping[str, Any]], task: str) -> list[float]:
    """Return a weight for each class of `task`: the inverse square root of its frequency in `rows`.

    The square root tempers the full inverse, with which a dozen epidural slices among thousands would each outweigh a
    hundred others. A class without a row gets the weight 1 and a logged sentence: the network cannot learn it. A bleed
    of which no subtype is known to be there counts in equal parts for those that may be, as the loss takes it.

    Args:
        rows: rows of a datalist section, whose "label" holds six values, 1, 0 or `bundle.labels.UNKNOWN`.
        task: a key of `bundle.labels.CLASSES`.

    Returns:
        With softmax, weights of which the mean over the rows is 1; with sigmoids, the square root of the ratio of
        negatives to positives of each label.
    """
    labels = np.array([row["label"] for row in rows], dtype=np.float32)
    positive = (labels == 1).sum(0)
    negative = (labels == 0).sum(0)
    count = dict(zip(LABELS, positive.tolist(), strict=True))
    count["normal"] = int(negative[ANY_INDEX])
    count["hemorrhage"] = count[ANY]
    counts = np.array([count[name] for name in CLASSES[task]], dtype=float)
    _name_absent_classes(counts, labels, task)
    if task == "subtype":
        subtypes = labels[(labels[:, ANY_INDEX] == 1) & ~(labels[:, : len(SUBTYPES)] == 1).any(1), : len(SUBTYPES)]
        possible = subtypes == UNKNOWN
        counts[1:] += (possible / np.maximum(possible.sum(1, keepdims=True), 1)).sum(0)
    present = counts > 0
    weights = np.ones(len(counts))
    if task == "multilabel":
        weights[present] = np.sqrt(np.maximum(negative[present], 1) / counts[present])
    else:
        weights[present] = 1 / np.sqrt(counts[present])
        weights[present] *= counts[present].sum() / (weights[present] * counts[present]).sum()
    return weights.tolist()


def _name_absent_classes(counts: np.ndarray, labels: np.ndarray, task: str) -> None:
    bleeds = labels[labels[:, ANY_INDEX] == 1] if len(labels) else labels
    unlabelled_subtypes = bool((bleeds[:, : len(SUBTYPES)].max(1) < 0).any()) if len(bleeds) else False
    absent = [name for name, number in zip(CLASSES[task], counts, strict=True) if number == 0]
    if absent and not (unlabelled_subtypes and set(absent) <= set(SUBTYPES)):
        logger.warning("No training slice shows %s: the network cannot learn it.", ", ".join(absent))
