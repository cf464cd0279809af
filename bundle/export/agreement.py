"""How far the predictions of a runtime are from those of the reference, and whether that is near enough."""

from dataclasses import dataclass

import numpy as np

from bundle.labels import ANY, LABELS, UNKNOWN
from bundle.metrics.ranking import weighted_ranking
from bundle.predictions import Predictions
from bundle.runtime.bounds import MAX_P95
from bundle.statistics import unweighted

MAX_MASK_DIFFERENCE = 1e-3
"""Of a logit of the brain mask."""
MAX_AUC_LOSS = {name: 0.005 if name == ANY else 0.01 for name in LABELS}
MAX_FLIPPED = 0.01
"""Share of calls at the threshold that may change in int8; an AUC that stays can hide flips."""


@dataclass(frozen=True)
class Agreement:
    """A runtime beside the reference on N labelled slices, each alone."""

    slices: int
    auc: dict[str, float | None]
    """By label; None where it is never or always true, or the task does not tell it."""
    auc_change: dict[str, float | None]
    """The runtime's less the reference's."""
    flipped: int
    """Calls at the threshold that are not the reference's."""
    max_difference: float
    """Of P(any)."""
    p95_difference: float

    def problems(self) -> list[str]:
        """Return what is beyond the bounds of int8, each with its figures; nothing where all is within."""
        found = [
            f"AUC of {name} changes by {change:+.4f} (at most -{MAX_AUC_LOSS[name]})"
            for name, change in self.auc_change.items()
            if change is not None and change < -MAX_AUC_LOSS[name]
        ]
        if self.flipped > MAX_FLIPPED * self.slices:
            found.append(f"{self.flipped} of {self.slices} calls flip (at most {MAX_FLIPPED:.0%})")
        if self.p95_difference > MAX_P95:
            found.append(f"P(any) differs by {self.p95_difference:.3f} in the 95th percentile (at most {MAX_P95})")
        return found


def agreement(reference: Predictions, other: Predictions, threshold: float) -> Agreement:
    """Return how a runtime's predictions agree with the reference's, of the same slices.

    Args:
        reference: of N slices, at least one.
        other: likewise.
        threshold: of P(any).
    """
    difference = np.abs(other.p_any - reference.p_any)
    before, after = _aucs(reference), _aucs(other)
    return Agreement(
        slices=len(reference),
        auc=after,
        auc_change={name: _change(before[name], after[name]) for name in LABELS},
        flipped=int(np.sum((reference.p_any >= threshold) != (other.p_any >= threshold))),
        max_difference=float(difference.max()),
        p95_difference=float(np.percentile(difference, 95)),
    )


def _aucs(predictions: Predictions) -> dict[str, float | None]:
    scores, labels = predictions.label_probabilities, predictions.labels
    found = {}
    for index, name in enumerate(LABELS):
        known = (labels[:, index] != UNKNOWN) & ~np.isnan(scores[:, index])
        ranking = weighted_ranking(labels[known, index], scores[known, index])
        found[name] = unweighted(ranking, int(known.sum()))["auc"]
    return found


def _change(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before
