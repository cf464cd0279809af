"""Referral of slices and studies to a radiologist, and the errors that remain among the others."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

LEVEL = 0.95
"""Of the sets and of the distance that decide whether to refer."""

NOT_DECISIVE = "not decisive"
UNLIKE = "unlike validation"


class Referral(NamedTuple):
    """Why each of N slices or studies is referred, if it is."""

    undecided: np.ndarray
    """bool [N]: the set of *any* holds both classes, or neither."""
    unlike: np.ndarray
    """bool [N]: farther from validation than the limit."""

    @property
    def any(self) -> np.ndarray:
        """Whether at all, bool [N]."""
        return self.undecided | self.unlike

    def reasons(self) -> list[str]:
        """Return N texts, empty where it is not referred."""
        named = ((NOT_DECISIVE, self.undecided), (UNLIKE, self.unlike))
        return ["; ".join(name for name, given in named if given[index]) for index in range(len(self.undecided))]


def refer(sets: ArrayLike, distances: ArrayLike, limit: ArrayLike) -> Referral:
    """Return what is referred.

    Args:
        sets: bool [N, 2], of *any*, see `any_sets`.
        distances: [N]; NaN where none was taken, which refers nothing.
        limit: the distance above which a slice is referred; NaN or infinite where none is known;
            [N] where each has its own.
    """
    return Referral(np.asarray(sets).sum(axis=1) != 1, np.asarray(distances) > np.asarray(limit))


class RiskCoverage(NamedTuple):
    """A risk–coverage curve (Geifman & El-Yaniv, https://arxiv.org/abs/1705.08500), turned to what is referred."""

    referred: np.ndarray
    """Share of all that is referred, [N + 1], rising from 0 to 1."""
    errors: np.ndarray
    """Errors among what is left, as a share of all, [N + 1], falling to 0."""


def risk_coverage(wrong: ArrayLike, doubt: ArrayLike) -> RiskCoverage:
    """Return the errors left when the most doubtful are referred first, from none to all.

    Where several are equally doubtful, their errors are spread evenly over them: no order among them is better.

    Args:
        wrong: bool [N], what the network called wrongly.
        doubt: [N], higher where more doubtful.
    """
    errors, doubts = np.asarray(wrong, dtype=np.float64), np.asarray(doubt, dtype=np.float64)
    _, group = np.unique(-doubts, return_inverse=True)
    shared = np.bincount(group, weights=errors) / np.bincount(group)
    caught = np.concatenate([[0.0], np.cumsum(shared[np.sort(group)])])
    return RiskCoverage(np.arange(len(errors) + 1) / len(errors), (errors.sum() - caught) / len(errors))
