"""Who may open an association, and who has."""

import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from pynetdicom.association import Association

from bundle.node.config import Peer, Receive

BAD_CALLING, BAD_CALLED, TOO_MANY = (1, 1, 3), (1, 1, 7), (2, 3, 2)
"""Result, source and reason of an A-ASSOCIATE-RJ (DICOM PS3.8, 9.3.4)."""


class Rejection(NamedTuple):
    """Why an association is not accepted."""

    numbers: tuple[int, int, int]
    why: str


class Admission:
    """The associations of peers: an AE title is a claim, so that the address counts as well.

    Args:
        settings: who may send, and how many associations there may be.
    """

    def __init__(self, settings: Receive) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[Association, Peer] = {}

    def admit(self, association: Association) -> Rejection | None:
        """Return why an association that is asked for is rejected; None where it is accepted, and open from now on."""
        settings = self._settings
        asked: Any = association.requestor.primitive
        if asked.called_ae_title.strip() != settings.ae_title:
            return Rejection(BAD_CALLED, "calls another AE title")
        peer = next(self._peers(asked.calling_ae_title.strip(), address_of(association)), None)
        if peer is None:
            return Rejection(BAD_CALLING, "is no peer by AE title and address")
        with self._lock:
            if len(self._open) >= settings.max_associations:
                return Rejection(TOO_MANY, "asks for an association beyond receive.max_associations")
            if list(self._open.values()).count(peer) >= settings.max_associations_per_peer:
                return Rejection(TOO_MANY, "asks for one beyond receive.max_associations_per_peer")
            self._open[association] = peer
        return None

    def peer(self, association: Association) -> Peer | None:
        """Return whose association it is; None where it was never accepted."""
        return self._open.get(association)

    def is_peer(self, address: str) -> bool:
        """Return whether an address is one of a peer."""
        return any(each.is_at(address) for each in self._settings.peers)

    def ended(self) -> list[Association]:
        """Return the associations that have ended since this was last asked for, however they did."""
        with self._lock:
            ended = [each for each in self._open if not each.is_alive()]
            for association in ended:
                del self._open[association]
        return ended

    def count(self) -> int:
        """Return how many associations are open."""
        with self._lock:
            return sum(each.is_alive() for each in self._open)

    def _peers(self, title: str, address: str) -> Iterator[Peer]:
        yield from (each for each in self._settings.peers if each.ae_title == title and each.is_at(address))


def address_of(association: Association) -> str:
    """Return the address from which an association is asked for."""
    place: Any = association.requestor.address_info
    return str(place.address)
