"""A temperature and a shift: for a network that was trained on more bleeds than it will meet.

Bias-corrected temperature scaling (Alexandari, Kundaje and Shrikumar, ICML 2020, https://arxiv.org/abs/1901.06852). It
differs from the paper in shifting *normal* alone, against all bleeds: of rare subtypes there are too few for a shift
each.
"""

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from bundle.calibration.temperature import RANGE, logits_of
from bundle.labels import UNKNOWN
from bundle.losses import HemorrhageLoss
from bundle.metrics.probabilities import check_scores


def fit_bias_corrected(probabilities: ArrayLike, labels: ArrayLike, task: str) -> tuple[float, float] | None:
    """Return the temperature and the shift of *normal*'s logit with the least `bundle.losses.HemorrhageLoss`.

    The calibrated logits are those of the probabilities by the temperature, and *normal*'s with the shift added.

    Args:
        probabilities: [N, C] in the order of ``CLASSES[task]``, of slices that the network was not trained on.
        labels: [N, 6] in the order of `LABELS`, each 1, 0 or `UNKNOWN`.
        task: "subtype" or "binary", whose first class is *normal*.

    Returns:
        The temperature within `RANGE`, and the shift; None where no label is known.

    Raises:
        ValueError: for the task "multilabel", which has no *normal*.
        TypeError, ValueError: see `bundle.metrics.check_scores`.
    """
    if task == "multilabel":
        raise ValueError("the task multilabel has no class normal to be shifted")
    scores, truth = check_scores(probabilities, labels, task)
    if not np.any(truth != UNKNOWN):
        return None
    logits, target, loss = torch.from_numpy(logits_of(scores, task)), torch.from_numpy(truth), HemorrhageLoss(task)

    def after(values: np.ndarray) -> float:
        log_temperature, shift = values
        calibrated = logits / np.exp(log_temperature)
        calibrated[:, 0] += shift
        return loss(calibrated, target).item()

    low, high = np.log(RANGE)
    found = minimize(after, (0.0, 0.0), method="Nelder-Mead", bounds=[(low, high), (-20, 20)])
    return float(np.exp(found.x[0])), float(found.x[1])
