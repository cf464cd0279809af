"""Listening for connections, none of which waits for another."""

import select
import ssl
import threading
from collections.abc import Callable
from typing import Any

from pynetdicom import transport
from pynetdicom.association import Association

from bundle.node.bounded import BoundedMessages, BoundedSocket

BEGINNING = 256
"""Connections of peers that may be open without having asked for an association; another is closed at once."""
STRANGERS = 64
"""The same of all other addresses, which keep no peer out."""


class Handler(transport.RequestHandler):
    """Makes a bounded association of a connection, once something comes; of TLS only this connection waits for."""

    server: "Server"

    def handle(self) -> None:
        """Begin the association."""
        timeout = self.server.ae.acse_timeout
        self.request.settimeout(timeout)
        if not select.select([self.request], [], [], timeout)[0]:
            self._close("is silent")
            return
        if self.server.context is not None:
            try:
                self.request = self.server.context.wrap_socket(self.request, server_side=True)
            except OSError as error:
                reason = error.reason if isinstance(error, ssl.SSLError) else "no handshake in time"
                self._close(f"is no TLS ({reason})")
                return
        self.request.settimeout(self.server.ae.network_timeout)
        super().handle()

    def _close(self, reason: str) -> None:
        self.server.failed(self.client_address[0], reason)
        self.request.close()

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dul.event_queue.get_nowait()  # of the socket whose place is taken
        association.dul.socket = BoundedSocket(association, client_socket=self.request)
        association.dimse = BoundedMessages(association, self.server.refuse)
        return association


class Server(transport.ThreadedAssociationServer):
    """Listens, and hands each connection to a `Handler`.

    Attributes:
        context: of TLS, None for none. The server's own would let one silent connection block all others.
        refuse: see `BoundedMessages`.
        failed: called with address and reason where a connection fails.
        is_peer: returns whether an address is one of a peer.
        room: associations, rejected ones among them that are still open, beyond which only peers are let in.
    """

    context: ssl.SSLContext | None = None
    refuse: Callable[[str, int], str]
    failed: Callable[[str, str], None]
    is_peer: Callable[[str], bool]
    room: int
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._beginning = {True: threading.Semaphore(BEGINNING), False: threading.Semaphore(STRANGERS)}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say that a connection failed; the base class prints a traceback."""
        self.failed(client_address[0], "failed")

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Return whether there is room for another connection."""
        is_peer = self.is_peer(client_address[0])
        if not is_peer and len(self.active_associations) >= self.room:
            return False
        return self._beginning[is_peer].acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Handle a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._beginning[self.is_peer(client_address[0])].release()
