"""What is said of a head."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bundle.heads import Action
from bundle.labels import ANY, SUBTYPES

LEAST = 0.05
"""Probability from which on a subtype has a measurement group of its own."""
RESEARCH = "Research software, not a medical device, not for diagnosis."
SUSPECTED = "an earlier answer suspected a bleed"
_SAID: Mapping[Action, str] = {Action.READ_SOON: "undetermined, ", Action.ROUTINE: "no hemorrhage found, "}
"""What an action says of a hemorrhage, where the reasons do not."""
UNDETERMINED = "Undetermined: refer to a radiologist."


@dataclass(frozen=True)
class Finding:
    """The verdict on a head.

    Attributes:
        action: what to do with it.
        probabilities: label → probability in [0, 1], *any* first, then what is likely enough of the subtypes.
        reason: why it is not routine, clauses; "" for none.
        where: where the evidence lies, in words; "" where that is not known.
        incomplete: whether slices of the series could not be scored.
    """

    action: Action
    probabilities: Mapping[str, float]
    reason: str = ""
    where: str = ""
    incomplete: bool = False

    @classmethod
    def of(cls, record: Mapping[str, Any], where: str = "", incomplete: bool = False) -> "Finding":
        """Return what a series record says, see `bundle.results.records`.

        Args:
            record: of the series, with "action", ``p_<label>`` and "refer_reason".
            where: see `Finding`, as the next.
            incomplete: the same.

        Example:
            >>> record = {"action": "read first", "p_any": 0.91, "p_subdural": 0.84, "p_epidural": 0.04}
            >>> Finding.of(record).probabilities
            {'any': 0.91, 'subdural': 0.84}
        """
        subtypes = {name: record.get(f"p_{name}") or 0.0 for name in SUBTYPES}
        likely = {name: value for name, value in subtypes.items() if value >= LEAST}
        probabilities = {ANY: record[f"p_{ANY}"], **likely}
        return cls(Action(record["action"]), probabilities, record.get("refer_reason") or "", where, incomplete)

    def after(self, earlier: Action | None) -> "Finding":
        """Return what is said after an earlier answer about the study, of which fewer slices were known.

        What was suspected once is never taken back without a radiologist.

        Example:
            >>> Finding(Action.ROUTINE, {"any": 0.02}).after(Action.READ_FIRST).comment
            'Research software, ... Undetermined: refer to a radiologist. Reasons: an earlier answer suspected a bleed.'
            >>> Finding(Action.ROUTINE, {"any": 0.02}).after(None).comment
            'Research software, not a medical device, not for diagnosis.'
        """
        action = action_after(self.action, earlier)
        if action is self.action:
            return self
        return replace(self, action=action, reason="; ".join(filter(None, [self.reason, SUSPECTED])))

    @property
    def captions(self) -> list[str]:
        """The verdict in short, for the picture that most viewers show alone; each text begins a line.

        Example:
            >>> Finding(Action.READ_SOON, {"any": 0.31}, "not a whole head").captions
            ['the head: read soon, undetermined, P(any) 0.31', 'not a whole head']
        """
        head = f"the head: {self.action}, {_SAID.get(self.action, '')}P({ANY}) {self.probabilities[ANY]:.2f}"
        return [head, *filter(None, [self.reason])]

    @property
    def comment(self) -> str:
        """The sentences that go with it."""
        sentences = [RESEARCH]
        if self.action is Action.READ_SOON:
            sentences.append(UNDETERMINED)
        if self.reason:
            sentences.append(f"Reasons: {self.reason}.")
        if self.where:
            sentences.append(f"Where the evidence lies: {self.where}.")
        return " ".join(sentences)


def action_after(action: Action, earlier: Action | None) -> Action:
    """Return what to do after an earlier answer, see `Finding.after`."""
    return Action.READ_SOON if (action, earlier) == (Action.ROUTINE, Action.READ_FIRST) else action


def percent(probability: float) -> float:
    """Return a probability in percent, as it is reported: one decimal.

    Example:
        >>> percent(0.91449)
        91.4
    """
    return round(100 * probability, 1)
