"""What a destination is: something that takes the objects of a study, or does not."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol


class Parcel(NamedTuple):
    """An object to send."""

    object: int
    kind: str
    uid: str
    file: Path


class Outcome(NamedTuple):
    """What became of it."""

    object: int
    taken: bool
    said: str
    """Status and meaning, without any value of the object; "" for plain success."""


class UnreachableError(Exception):
    """A destination that takes nothing at the moment; the text says why."""


class BrokenOffError(Exception):
    """A destination that fails at an object that it was offered, or stops answering then; the text says how."""


class RefusedError(Exception):
    """A destination that takes nothing until somebody there changes something; the text says what."""


class Sender(Protocol):
    """Sends to one destination."""

    def send(self, parcels: Sequence[Parcel]) -> Iterator[Outcome]:
        """Send the objects of a study in their order, and yield what became of each as soon as that is known.

        Raises:
            UnreachableError: when it cannot be reached; no object was offered then.
            BrokenOffError: when it fails at the next object of which nothing was yielded.
            RefusedError: when it refuses what only a person can heal.
        """

    def close(self) -> None:
        """Keep no connection open."""

    def ask_commitment(self, parcels: Sequence[Parcel]) -> None:
        """Ask whether it keeps objects that it took; it answers later, to the node's own port.

        Raises:
            UnreachableError: when it cannot be reached, or gives no answer.
            RefusedError: see `send`.
        """
