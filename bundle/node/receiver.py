"""The Storage SCP, and what is answered to each object."""

import logging
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from pynetdicom import AE, _config, evt
from pynetdicom.association import Association

from bundle.node.admission import BAD_CALLING, Admission, Rejection, address_of
from bundle.node.bounded import BoundedSocket, Dropped, discard
from bundle.node.completion import Completion
from bundle.node.config import Receive
from bundle.node.contexts import supported_contexts
from bundle.node.header import MULTI_FRAME, SCORED
from bundle.node.intake import Intake, Status
from bundle.node.log import OncePerMinute
from bundle.node.server import STRANGERS, Handler, Server
from bundle.node.spool import Spool
from bundle.node.tally import Tally
from bundle.node.tls import server_context

logger = logging.getLogger(__name__)

LONGEST_PDU = 1 << 17
_MB = 1_000_000
_ABORT = 1.0
"""Seconds in which peers are to close connections that the node aborts when it ends."""


class Receiver:
    """The Storage SCP of a node.

    Args:
        settings: where it listens, who may send, and how much.
        spool: where objects go while they arrive.
        intake: which gets each object.
        completion: which hears when an association ends.
        tally: which counts.
        committed: called with the AE title of a peer, and UIDs of objects that it keeps and that it does not keep.
    """

    def __init__(
        self,
        settings: Receive,
        spool: Spool,
        intake: Intake,
        completion: Completion,
        tally: Tally,
        committed: Callable[[str, Sequence[str], Sequence[str]], None],
    ) -> None:
        self._settings, self._spool, self._intake = settings, spool, intake
        self._completion, self._tally, self._committed = completion, tally, committed
        self._admission = Admission(settings)
        self._quiet = OncePerMinute(logger)
        self._server: Server | None = None

    @property
    def port(self) -> int:
        """On which it listens."""
        assert self._server is not None
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: when the address cannot be listened on.
            InputError: when the files of TLS cannot be used.
        """
        settings = self._settings
        context = server_context(settings.tls)
        # Objects go to a file in the spool as they come: of the same disk, so that they can be renamed, and private.
        _config.STORE_RECV_CHUNKED_DATASET = True
        tempfile.tempdir = str(self._spool.incoming)
        entity = AE(settings.ae_title)
        entity.supported_contexts = supported_contexts()
        entity.require_called_aet = False  # checked below, with the address
        entity.maximum_associations = sys.maxsize  # likewise
        entity.maximum_pdu_size = LONGEST_PDU
        entity.acse_timeout = settings.acse_timeout_s
        entity.network_timeout = entity.dimse_timeout = settings.network_timeout_s
        made = entity.make_server(
            (settings.host, settings.port),
            evt_handlers=[
                (evt.EVT_REQUESTED, self._requested),
                (evt.EVT_C_STORE, self._store),
                (evt.EVT_N_EVENT_REPORT, self._report),
            ],
            server_class=Server,
            request_handler=Handler,
        )
        server = cast(Server, made)
        entity._servers.append(server)
        server.context, server.refuse, server.failed = context, self._refuse, self._failed
        server.is_peer, server.room = self._admission.is_peer, settings.max_associations + STRANGERS
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.1,), name="receiver", daemon=True).start()

    def stop(self) -> None:
        """Accept nothing more, and abort what is open."""
        if self._server is not None:
            self._server.shutdown()
            # Each waits until its peer has closed the connection, which it may never do.
            aborts = [
                threading.Thread(target=_abort, args=(each,), daemon=True) for each in self._server.active_associations
            ]
            for abort in aborts:
                abort.start()
            end = time.monotonic() + _ABORT
            for abort in aborts:
                abort.join(max(0.0, end - time.monotonic()))
            self.sweep()

    def sweep(self) -> None:
        """Clean up after associations that have ended."""
        for association in self._admission.ended():
            discard(association.dimse)
            self._completion.closed(association)

    def open_associations(self) -> int:
        """Return how many associations are open."""
        return self._admission.count()

    def _requested(self, event: evt.Event) -> None:
        association, address = event.assoc, address_of(event.assoc)
        self.sweep()
        try:
            rejection = self._admission.admit(association)
        except Exception as error:  # pynetdicom would go on, and accept
            rejection = Rejection(BAD_CALLING, f"asks in a way that fails with {type(error).__name__}")
        if rejection is not None:
            self._tally.add("rejected", reason=f"{rejection.numbers[1]},{rejection.numbers[2]}")
            self._quiet.warning(address, "rejected an association: %s %s", address, rejection.why)
            association.acse.send_reject(*rejection.numbers)
            association.kill()  # which waits until that is sent

    def _refuse(self, sop_class: str, length: int) -> str:
        if sop_class not in SCORED | MULTI_FRAME:
            return "class"
        if length > self._settings.max_instance_mb * _MB:
            return "size"
        return "" if self._spool.has_room() else "room"

    def _store(self, event: evt.Event) -> int:
        begun = time.monotonic()
        request: Any = event.request
        peer = self._admission.peer(event.assoc)
        if peer is None:
            return self._intake.refuse(Status.PROCESSING_FAILURE, "an object of nobody", "an unknown peer")
        name, file = peer.ae_title, request._dataset_file
        reason = file.reason if isinstance(file, Dropped) else ""
        if reason == "size":
            limit = f"an object has more than {self._settings.max_instance_mb:g} MB"
            return self._intake.refuse(Status.CANNOT_UNDERSTAND, limit, name)
        if reason == "room" or (not reason and not self._spool.has_room()):
            return self._intake.refuse(Status.OUT_OF_RESOURCES, "the disk has no room beyond its reserve", name)
        if event.dataset_path is None:
            return self._intake.refuse(Status.CANNOT_UNDERSTAND, "an object without a data set", name)
        announced = str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID)
        status = self._intake.take(Path(event.dataset_path), *announced, event.assoc, name)
        self._tally.add("seconds", time.monotonic() - begun, stage="receive")
        return status

    def _report(self, event: evt.Event) -> tuple[int, None]:
        """Take a report of storage commitment (DICOM PS3.4, J.3.3)."""
        try:
            said = event.event_information
            uids, lost = (
                [str(item.ReferencedSOPInstanceUID) for item in said.get(keyword) or []]
                for keyword in ("ReferencedSOPSequence", "FailedSOPSequence")
            )
            peer = self._admission.peer(event.assoc)
            if peer is not None:
                self._committed(peer.ae_title, uids, lost)
        except Exception as error:  # a damaged report makes pydicom's parser fail in any way
            logger.warning("a report of storage commitment failed with %s", type(error).__name__)
            return Status.PROCESSING_FAILURE, None
        return Status.SUCCESS, None

    def _failed(self, address: str, reason: str) -> None:
        self._tally.add("rejected", reason="connection")
        self._quiet.warning(address, "closed a connection: that of %s %s", address, reason)


def _abort(association: Association) -> None:
    if association.is_established:
        association.abort()
    elif isinstance(association.dul.socket, BoundedSocket):
        association.dul.socket.hang_up()  # before it is asked for, an association has nothing to abort
