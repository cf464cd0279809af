"""The Storage SCP: who may send, which classes and syntaxes are accepted, and what is answered to each object."""

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from pydicom.uid import DeflatedExplicitVRLittleEndian
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, _config, evt
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification  # type: ignore[attr-defined]

from bundle.node.association import BoundedMessages, Dropped, Handler, Server
from bundle.node.completion import Completion
from bundle.node.config import Peer, Receive
from bundle.node.header import MULTI_FRAME, SCORED
from bundle.node.intake import Intake, Status
from bundle.node.log import OncePerMinute
from bundle.node.spool import Spool
from bundle.node.tally import Tally
from bundle.node.tls import server_context

logger = logging.getLogger(__name__)

SYNTAXES = (
    *("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"),
    *(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81, 90, 91)),
    "1.2.840.10008.1.2.5",
)
"""In which images are taken: uncompressed, JPEG, JPEG-LS, JPEG 2000 and RLE. A deflated object unpacks to any size."""

BAD_CALLING, BAD_CALLED, TOO_MANY = (1, 1, 3), (1, 1, 7), (2, 3, 2)
"""Result, source and reason of an A-ASSOCIATE-RJ (DICOM PS3.8, 9.3.4)."""
LONGEST_PDU = 1 << 17
_MB = 1_000_000
_ABORT = 1.0
"""Seconds in which peers are to close connections that the node aborts when it ends."""


def supported_contexts() -> list[PresentationContext]:
    """Return what the node accepts: images that it scores, and all other objects, which it acknowledges and drops.

    A sender whose report or key object is refused would send the whole study again, for ever.
    """
    kept = SCORED | MULTI_FRAME
    others = [each for each in ALL_TRANSFER_SYNTAXES if each != DeflatedExplicitVRLittleEndian]
    contexts = [build_context(Verification, others[:3])]
    for context in AllStoragePresentationContexts:
        syntaxes = list(SYNTAXES) if context.abstract_syntax in kept else others
        contexts.append(build_context(str(context.abstract_syntax), syntaxes))
    # The PACS reports as the provider of a service that the node uses, so that both roles are negotiated.
    commitment = build_context(StorageCommitmentPushModel, others[:3])
    commitment.scu_role = commitment.scp_role = True
    return [*contexts, commitment]


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
        self._quiet = OncePerMinute(logger)
        self._lock = threading.Lock()
        self._open: dict[Association, Peer] = {}
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
        entity.maximum_associations = 2 * settings.max_associations  # likewise
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
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.1,), name="receiver", daemon=True).start()

    def stop(self) -> None:
        """Accept nothing more, and abort what is open."""
        if self._server is not None:
            self._server.shutdown()
            # Each waits until its peer has closed the connection, which it may never do.
            aborts = [threading.Thread(target=each.abort, daemon=True) for each in self._server.active_associations]
            for abort in aborts:
                abort.start()
            end = time.monotonic() + _ABORT
            for abort in aborts:
                abort.join(max(0.0, end - time.monotonic()))
            self.sweep()

    def sweep(self) -> None:
        """Clean up after associations that have ended, however they did."""
        with self._lock:
            ended = [each for each in self._open if not each.is_alive()]
            for association in ended:
                del self._open[association]
        for association in ended:
            if isinstance(association.dimse, BoundedMessages):
                association.dimse.discard()
            self._completion.closed(association)

    def open_associations(self) -> int:
        """Return how many associations are open."""
        with self._lock:
            return sum(each.is_alive() for each in self._open)

    def _requested(self, event: evt.Event) -> None:
        association = event.assoc
        asked: Any = association.requestor.primitive
        place: Any = association.requestor.address_info
        address = str(place.address)
        refusal = None
        peer = next(self._peers(asked.calling_ae_title.strip(), address), None)
        if asked.called_ae_title.strip() != self._settings.ae_title:
            refusal, why = BAD_CALLED, "calls another AE title"
        elif peer is None:
            refusal, why = BAD_CALLING, "is no peer by AE title and address"
        else:
            self.sweep()
            with self._lock:
                of_peer = list(self._open.values()).count(peer)
                if len(self._open) >= self._settings.max_associations:
                    refusal, why = TOO_MANY, "asks for an association beyond receive.max_associations"
                elif of_peer >= self._settings.max_associations_per_peer:
                    refusal, why = TOO_MANY, "asks for one beyond receive.max_associations_per_peer"
                else:
                    self._open[association] = peer
        if refusal is not None:
            self._tally.add("rejected", reason=f"{refusal[1]},{refusal[2]}")
            self._quiet.warning(address, "rejected an association: %s %s", address, why)
            association.acse.send_reject(*refusal)
            association.kill()  # which waits until that is sent

    def _peers(self, title: str, address: str) -> Iterator[Peer]:
        yield from (each for each in self._settings.peers if each.ae_title == title and each.is_at(address))

    def _refuse(self, sop_class: str, length: int) -> str:
        if sop_class not in SCORED | MULTI_FRAME:
            return "class"
        if length > self._settings.max_instance_mb * _MB:
            return "size"
        return "" if self._spool.has_room() else "room"

    def _store(self, event: evt.Event) -> int:
        begun = time.monotonic()
        request: Any = event.request
        association = event.assoc
        name = self._open[association].ae_title if association in self._open else "?"
        file = request._dataset_file
        reason = file.reason if isinstance(file, Dropped) else ""
        if reason == "size":
            limit = f"an object has more than {self._settings.max_instance_mb:g} MB"
            return self._intake.refuse(Status.CANNOT_UNDERSTAND, limit, name)
        if reason == "room" or (not reason and not self._spool.has_room()):
            return self._intake.refuse(Status.OUT_OF_RESOURCES, "the disk has no room beyond its reserve", name)
        if event.dataset_path is None:
            return self._intake.refuse(Status.CANNOT_UNDERSTAND, "an object without a data set", name)
        announced = str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID)
        status = self._intake.take(Path(event.dataset_path), *announced, association, name)
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
            self._committed(self._open[event.assoc].ae_title, uids, lost)
        except Exception as error:  # a damaged report makes pydicom's parser fail in any way
            logger.warning("a report of storage commitment failed with %s", type(error).__name__)
            return Status.PROCESSING_FAILURE, None
        return Status.SUCCESS, None

    def _failed(self, address: str, reason: str) -> None:
        self._tally.add("rejected", reason="connection")
        self._quiet.warning(address, "closed a connection: that of %s %s", address, reason)
