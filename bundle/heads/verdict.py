"""What to do with a head, in a word or two."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Action(StrEnum):
    """In the order in which heads are to be read."""

    READ_FIRST = "read first"
    """A bleed is likely."""
    READ_SOON = "read soon"
    """Undecided, unlike anything that the network was validated on, not a whole head, or a kind with a caution."""
    ROUTINE = "routine"
    """Nothing was found in a whole head."""


class Verdict(NamedTuple):
    """What is done with a head, and why it is not routine."""

    action: Action
    reasons: tuple[str, ...]
    """Clauses; none for what is routine."""

    @property
    def refer(self) -> bool:
        """Whether a radiologist is to look before others."""
        return self.action is not Action.ROUTINE


LIKELY = "a bleed is likely"


def decide(called: bool, excluded: bool, doubts: Sequence[str] = (), unknown: str = "") -> Verdict:
    """Return the verdict of a head.

    Args:
        called: whether P(any) reaches the threshold.
        excluded: whether a bleed is excluded: the set of *any* is *normal* alone.
        doubts: clauses, why the head cannot be routine.
        unknown: a clause, why its score says nothing; "" where it does.

    Example:
        >>> decide(called=False, excluded=True)
        Verdict(action=<Action.ROUTINE: 'routine'>, reasons=())
        >>> decide(called=False, excluded=True, doubts=["one slice is not a whole head"]).action.value
        'read soon'
        >>> decide(called=True, excluded=False).reasons
        ('a bleed is likely',)
    """
    if unknown:
        return Verdict(Action.READ_SOON, (unknown, *doubts))
    if called:
        return Verdict(Action.READ_FIRST, (LIKELY, *doubts))
    if excluded and not doubts:
        return Verdict(Action.ROUTINE, ())
    return Verdict(Action.READ_SOON, tuple(doubts) if excluded else ("undecided", *doubts))
