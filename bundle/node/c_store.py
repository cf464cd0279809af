"""Sending by C-STORE: one association for all objects of a study."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pydicom
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    Comprehensive3DSRStorage,
    KeyObjectSelectionDocumentStorage,
    SecondaryCaptureImageStorage,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from bundle.node.config import Destination
from bundle.node.destination import BrokenOffError, Outcome, Parcel, RefusedError, UnreachableError
from bundle.node.tls import client_context

CLASSES = {
    "SR": Comprehensive3DSRStorage,
    "SC": SecondaryCaptureImageStorage,
    "KO": KeyObjectSelectionDocumentStorage,
}
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
_CONNECT = 10.0
_WARNING = range(0xB000, 0xC000)
_CALLING, _CALLED = (1, 3), (1, 7)
"""Source and reason of a rejection that somebody at the destination has to heal (DICOM PS3.8, 9.3.4)."""


class CStore:
    """A destination that takes C-STORE.

    Args:
        destination: its AE title and address.
        ae_title: of the node.
        timeout: for an answer, seconds.

    Raises:
        InputError: when the files of TLS cannot be used.
    """

    def __init__(self, destination: Destination, ae_title: str, timeout: float) -> None:
        self._destination = destination
        context = client_context(destination.tls)
        self._tls = None if context is None else (context, destination.host)
        self._entity = AE(ae_title)
        self._entity.connection_timeout = min(_CONNECT, timeout)
        self._entity.acse_timeout = self._entity.dimse_timeout = self._entity.network_timeout = timeout
        for kind in destination.objects:
            self._entity.add_requested_context(CLASSES[kind], SYNTAXES)

    def close(self) -> None:
        """See `bundle.node.destination.Sender`; each association ends with what it is for."""

    def ask_commitment(self, parcels: Sequence[Parcel]) -> None:
        """See `bundle.node.destination.Sender`; DICOM PS3.4, annex J."""
        asked = Dataset()
        asked.TransactionUID = generate_uid(prefix=None)
        asked.ReferencedSOPSequence = []
        for parcel in parcels:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CLASSES[parcel.kind], parcel.uid
            asked.ReferencedSOPSequence.append(item)
        with self._associated([build_context(StorageCommitmentPushModel)]) as association:
            answer, _ = association.send_n_action(
                asked, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
            )
        status = answer.get("Status")
        if status is None:
            raise UnreachableError("gave no answer in time, or broke the connection")
        if status != 0:
            raise UnreachableError(f"does not commit to anything, status 0x{status:04X}")

    def send(self, parcels: Sequence[Parcel]) -> Iterator[Outcome]:
        """See `bundle.node.destination.Sender`."""
        with self._associated() as association:
            accepted = {context.abstract_syntax for context in association.accepted_contexts}
            for parcel in parcels:
                if CLASSES[parcel.kind] not in accepted:
                    name = CLASSES[parcel.kind].name
                    yield Outcome(parcel.object, False, f"takes no {name}; add the class to those it accepts")
                    continue
                yield self._stored(association, parcel)

    @contextmanager
    def _associated(self, contexts: list[PresentationContext] | None = None) -> Iterator[Association]:
        """Yield an association with the destination.

        Raises:
            UnreachableError: when there is none.
            RefusedError: likewise.
        """
        destination = self._destination
        association = self._entity.associate(
            destination.host, destination.port, contexts, destination.ae_title, tls_args=self._tls
        )
        try:
            if not association.is_established:
                self._explain(association)
            _leave_answers(association)
            yield association
        finally:
            if association.is_established:
                association.release()

    def _stored(self, association: Association, parcel: Parcel) -> Outcome:
        try:
            answer = association.send_c_store(pydicom.dcmread(parcel.file))
        except RuntimeError as error:  # the association is gone
            raise BrokenOffError("ended the association") from error
        status = answer.get("Status")
        if status is None:
            association.abort()
            known = f"see whether it knows AE {self._entity.ae_title}"
            raise BrokenOffError(f"gave no answer in time, or broke the connection; {known}")
        said = "" if status == 0 else f"status 0x{status:04X}"
        return Outcome(parcel.object, status == 0 or status in _WARNING, said)

    def _explain(self, association: Association) -> None:
        """Say why there is no association.

        Raises:
            UnreachableError: mostly.
            RefusedError: when trying again does not help.
        """
        destination, ae_title = self._destination, self._entity.ae_title
        if association.is_rejected:
            answer = association.acceptor.primitive
            reason = (answer.result_source, answer.diagnostic) if answer is not None else (0, 0)
            if reason == _CALLING:
                raise RefusedError(f"does not know this node; add AE {ae_title} with this host to its peers")
            if reason == _CALLED:
                raise RefusedError(f"is not called {destination.ae_title}; correct ae_title of the destination")
            raise UnreachableError(f"rejected the association ({reason[0]},{reason[1]})")
        if association.rejected_contexts and not association.accepted_contexts:
            names = ", ".join(sorted(UID(str(each.abstract_syntax)).name for each in association.rejected_contexts))
            raise RefusedError(f"accepts none of {names}; add them there")
        if association.is_aborted:
            raise UnreachableError("aborted the association, or cannot be reached")
        raise UnreachableError("cannot be reached")


def _leave_answers(association: Association) -> None:
    """Let the association's own thread take no message, for all are answers to what the node has sent.

    pynetdicom pauses that thread while a request waits for its answer, by a flag that the thread may not have cleared
    yet when it goes on. It then takes the answer, and the request waits for it until the timeout.
    """
    take = association.dimse.get_msg

    def get_msg(block: bool = False) -> Any:
        return take(block=True) if block else (None, None)

    association.dimse.get_msg = get_msg  # type: ignore[method-assign]
