"""What was said of a study before, where each answer is given exactly once, as by a node."""

from collections.abc import Sequence
from dataclasses import dataclass

from bundle.heads import Action


@dataclass(frozen=True)
class Document:
    """A report in the study.

    Attributes:
        uid: SOPInstanceUID.
        series: SeriesInstanceUID.
    """

    uid: str
    series: str


@dataclass(frozen=True)
class Earlier:
    """The answers about a study before this one.

    Attributes:
        number: of the answers.
        action: the most urgent of theirs, None where there is none.
        reports: of the last of them, whose place the next takes.
    """

    number: int = 0
    action: Action | None = None
    reports: Sequence[Document] = ()
