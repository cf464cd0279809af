"""Associations that take no more memory, time or disk than the node allows, whatever a sender does."""

import contextlib
import queue
import socket
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

    def hang_up(self) -> None:
        """End the connection; the thread that reads it cleans up."""
        with contextlib.suppress(OSError):
            if self.socket is not None:
                self.socket.shutdown(socket.SHUT_RDWR)

    def _shutdown_socket(self) -> None:
        """Close the connection; the base class leaves it open where the peer has closed it first."""
        self.hang_up()
        if self.socket is not None:
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


def discard(messages: DIMSEServiceProvider) -> None:
    """Close and remove the files of what has arrived, whole or half, of an association that has ended."""
    if messages.message is not None:
        _drop(messages.message, "aborted")
    with contextlib.suppress(queue.Empty):
        while True:
            _remove(getattr(messages.msg_queue.get_nowait()[1], "_dataset_file", None))


def _drop(message: DIMSEMessage, reason: str) -> None:
    _remove(message._data_set_file)
    message._data_set_file = Dropped(reason)  # type: ignore[assignment]


def _remove(file: Any) -> None:
    if file is not None and not isinstance(file, Dropped):
        with contextlib.suppress(OSError):  # what is buffered may not fit on the disk
            file.close()
        Path(file.name).unlink(missing_ok=True)
