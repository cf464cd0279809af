"""Associations that take no more memory, time or disk than the node allows, whatever a sender does."""

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pynetdicom import transport
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import DIMSEMessage

LONGEST_PDU = 1 << 20
"""Bytes; what the node announces is shorter, and so is any request for an association."""
BEGINNING = 256
"""Connections that may be open without having asked for an association, before another is closed at once."""


@dataclass
class Dropped:
    """Takes the place of the file of an object that is not kept; nothing of it is written."""

    reason: str
    name: str = ""

    def write(self, data: bytes) -> int:
        """Forget the bytes."""
        return len(data)

    @property
    def file(self) -> "Dropped":
        """What pynetdicom flushes."""
        return self

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class BoundedSocket(transport.AssociationSocket):
    """A connection whose PDUs come whole within its timeout, and are not longer than any that is asked for."""

    def recv(self, nr_bytes: int) -> bytearray:
        """Return this many bytes, fewer where the connection has ended.

        Raises:
            OSError: when they are too many, or do not come in time.
        """
        if nr_bytes > LONGEST_PDU:
            raise OSError(f"a PDU of {nr_bytes} bytes")
        assert self.socket is not None
        data, length = bytearray(nr_bytes), 0
        limit = self.socket.gettimeout()
        end = None if limit is None else time.monotonic() + limit
        while length < nr_bytes:
            if end is not None and time.monotonic() > end:
                raise TimeoutError("a PDU that does not end")
            count = self.socket.recv_into(memoryview(data)[length:])
            if not count:
                break
            length += count
        return data[:length]

    def _shutdown_socket(self) -> None:
        """Close the connection; the base class leaves it open where the peer has closed it first."""
        if self.socket is not None:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()


class BoundedMessages(DIMSEServiceProvider):
    """Receives messages; an object goes to a file as it comes, or nowhere as soon as it is known not to be kept.

    Args:
        association: of which the messages are.
        refuse: returns why an object is not kept, "" where it is, of its SOP Class UID and its bytes until now.
    """

    def __init__(self, association: Association, refuse: Callable[[str, int], str]) -> None:
        super().__init__(association)
        self._refuse = refuse
        self._length = 0

    def receive_primitive(self, primitive: Any) -> None:
        """Take a PDU's worth of a message."""
        message = self.message
        try:
            super().receive_primitive(primitive)
        except OSError:
            if message is None or message._data_set_file is None:
                raise
            # The disk is full or failed: the rest of the object is read, so that the association goes on.
            _drop(message, "room")
            super().receive_primitive(primitive)
        if self.message is None:
            self._length = 0
            return
        self._length += sum(len(data) for _, data in primitive.presentation_data_value_list)
        if self.message._data_set_file is not None and not isinstance(self.message._data_set_file, Dropped):
            reason = self._refuse(str(self.message.command_set.AffectedSOPClassUID), self._length)
            if reason:
                _drop(self.message, reason)

    def discard(self) -> None:
        """Remove what has arrived, whole or half, of an association that has ended."""
        if self.message is not None:
            _drop(self.message, "aborted")
        while not self.msg_queue.empty():
            path = getattr(self.msg_queue.get()[1], "_dataset_path", None)
            if path is not None:
                Path(path).unlink(missing_ok=True)


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
    """

    context: ssl.SSLContext | None = None
    refuse: Callable[[str, int], str]
    failed: Callable[[str, str], None]
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._beginning = threading.BoundedSemaphore(BEGINNING)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say that a connection failed; the base class prints a traceback."""
        self.failed(client_address[0], "failed")

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Return whether there is room for another connection that has not asked for an association."""
        return self._beginning.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Handle a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._beginning.release()


def _drop(message: DIMSEMessage, reason: str) -> None:
    file: Any = message._data_set_file
    if file is not None and not isinstance(file, Dropped):
        with contextlib.suppress(OSError):  # what is buffered may not fit on the disk
            file.close()
        Path(file.name).unlink(missing_ok=True)
    message._data_set_file = Dropped(reason)  # type: ignore[assignment]
