"""From the peak of a head's slices to the probability of a bleed in the head, and what is decided on it.

Heads have a calibration of their own: of thirty slices without a bleed the highest score is far above that of most
slices, so that limits fitted on slices say nothing of heads.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from bundle.heads.log_odds import log_odds, probability
from bundle.uncertainty import conformal_quantile, fewest

SENSITIVITY, SPECIFICITY = 0.95, 0.85
"""Coverage of the sets of *any*: of heads with a bleed, and of heads without one. They differ because a bleed that is
read late costs more than a head without one that is read early."""


@dataclass(frozen=True)
class HeadCalibration:
    """What was fitted on whole heads.

    Example:
        >>> bleeds, free = np.linspace(0.2, 0.9, 20), np.linspace(0.02, 0.3, 20)
        >>> fitted = fit_heads([*bleeds, *free], [1] * 20 + [0] * 20)
        >>> fitted.p_any([0.1, 0.25, 0.8]).round(2), fitted.sets(fitted.p_any([0.1, 0.25, 0.8])).tolist()
        (array([0.06, 0.39, 0.99]), [[True, False], [True, True], [False, True]])
    """

    slope: float
    """Of P(any)'s log-odds over those of the peak."""
    intercept: float
    normal: float
    """P(any) up to which *normal* belongs to the set."""
    hemorrhage: float
    """P(any) from which on *hemorrhage* does."""
    heads_normal: int
    """How many heads without a bleed it was fitted on."""
    heads_hemorrhage: int
    """How many with one."""

    def p_any(self, peaks: ArrayLike) -> np.ndarray:
        """Return the probabilities of a bleed in heads, float64 of the shape of their peaks in (0, 1)."""
        return probability(self.slope * log_odds(peaks) + self.intercept)

    def sets(self, p_any: ArrayLike) -> np.ndarray:
        """Return the sets of *any* of N heads, bool [N, 2] in the order of `bundle.uncertainty.ANY_CLASSES`."""
        p = np.asarray(p_any, dtype=np.float64)
        return np.stack([p <= self.normal, p >= self.hemorrhage], axis=-1)

    def peak_at(self, p_any: float) -> float:
        """Return the log-odds of the peak at which a head has a P(any); infinite where the peak does not matter."""
        return float((log_odds(p_any) - self.intercept) / self.slope) if self.slope else math.inf

    def widened(self, margin: float) -> "HeadCalibration":
        """Return a calibration whose set of a head holds all that this one's hold for heads nearby.

        Args:
            margin: in log-odds of P(any), 0 or above.

        Example:
            >>> wide = HeadCalibration(1.0, 0.0, 0.3, 0.2, 20, 20).widened(0.5)
            >>> round(wide.normal, 3), round(wide.hemorrhage, 3)
            (0.414, 0.132)
        """
        normal = float(probability(log_odds(self.normal) + margin))
        hemorrhage = float(probability(log_odds(self.hemorrhage) - margin))
        return replace(self, normal=normal, hemorrhage=hemorrhage)

    @property
    def threshold(self) -> float:
        """P(any) from which on a head is called a hemorrhage: where its set is that alone.

        Where the two classes are so far apart that no set holds both, it is halfway between them.
        """
        if self.hemorrhage > self.normal:
            return (self.normal + self.hemorrhage) / 2
        return float(np.nextafter(self.normal, 1))


def fit_heads(peaks: ArrayLike, truth: ArrayLike) -> HeadCalibration | None:
    """Fit the calibration on N heads, or return None where they are too few for the sets.

    The probability is Platt's (1999), with his targets, which keep the slope finite where the classes do not overlap;
    the limits are conformal quantiles for `SENSITIVITY` and `SPECIFICITY`, one of each class (Vovk's Mondrian sets).

    Args:
        peaks: [N], see `bundle.heads.head_peak`.
        truth: [N], 1 or 0, whether the head has a bleed.
    """
    from scipy.optimize import minimize  # takes most of a second to import

    x, y = log_odds(peaks), np.asarray(truth) == 1
    positive, negative = int(y.sum()), int((~y).sum())
    if positive < fewest(SENSITIVITY) or negative < fewest(SPECIFICITY):
        return None
    targets = np.where(y, (positive + 1) / (positive + 2), 1 / (negative + 2))

    def loss(line: np.ndarray) -> float:
        z = line[0] * x + line[1]
        return float((np.logaddexp(0, z) - targets * z).sum())

    slope, intercept = map(float, minimize(loss, (1.0, 0.0), bounds=[(0.0, None), (None, None)]).x)
    p = probability(slope * x + intercept)
    return HeadCalibration(
        slope,
        intercept,
        normal=conformal_quantile(p[~y], SPECIFICITY),
        hemorrhage=-conformal_quantile(-p[y], SENSITIVITY),
        heads_normal=negative,
        heads_hemorrhage=positive,
    )


def head_scores(peaks: ArrayLike, any_index: int, calibration: HeadCalibration | None) -> np.ndarray:
    """Return the probabilities of a head, float64 [K], from the peaks [K] of its slices' scores.

    Heads with a certain subtype are too few for a calibration of each. So a subtype keeps its share: where its peak is
    half of that of *any*, its probability is.

    Args:
        peaks: of *any* and other scores.
        any_index: which of them is *any*.
        calibration: None leaves the peaks as they are.

    Example:
        >>> head_scores([0.4, 0.8], 1, HeadCalibration(1.0, -1.0, 0.5, 0.3, 20, 20)).round(2)
        array([0.3, 0.6])
    """
    values = np.asarray(peaks, dtype=np.float64)
    if calibration is None:
        return values
    return scores_of_peaks(values, any_index, calibration.p_any(values[any_index]))


def scores_of_peaks(peaks: np.ndarray, any_index: int, p_any: ArrayLike) -> np.ndarray:
    """Return the probabilities of heads, float64 [..., K], whose P(any) [...] is known, see `head_scores`.

    Args:
        peaks: [..., K], of *any* and other scores.
        any_index: which of them is *any*.
        p_any: [...].
    """
    of_any = np.maximum(peaks[..., any_index, None], math.ulp(0.0))
    return np.asarray(p_any)[..., None] * np.minimum(peaks / of_any, 1)
