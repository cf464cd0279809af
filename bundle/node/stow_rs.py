"""Sending by STOW-RS (DICOM PS3.18, 10.5), with dicomweb-client."""

from collections.abc import Iterator, Sequence
from typing import Any

import pydicom
import requests
from dicomweb_client import DICOMwebClient
from pydicom import Dataset
from urllib3.exceptions import ProtocolError

from bundle.node.config import Destination
from bundle.node.destination import BrokenOffError, Outcome, Parcel, RefusedError, UnreachableError
from bundle.node.web import open_client

_THERE = frozenset({0x0111})
"""Failure Reason: duplicate SOP Instance (DICOM PS3.7, C.5.9)."""
_WHOLE = 1 << 30
"""Bytes that are sent in one piece: some servers answer 200 to pieces, and store nothing."""


class StowRs:
    """A destination that takes STOW-RS.

    Args:
        destination: its url.
        timeout: for an answer, seconds.

    Raises:
        InputError: when the file of its user cannot be used.
    """

    def __init__(self, destination: Destination, timeout: float) -> None:
        self._client = open_client(destination.url, destination.user_file, destination.ca, timeout)
        self._client.set_chunk_size(_WHOLE)

    def send(self, parcels: Sequence[Parcel]) -> Iterator[Outcome]:
        """See `bundle.node.destination.Sender`."""
        for parcel in parcels:
            yield self._stored(self._client, parcel)

    def close(self) -> None:
        """See `bundle.node.destination.Sender`."""
        self._client.close()

    def ask_commitment(self, parcels: Sequence[Parcel]) -> None:
        """See `bundle.node.destination.Sender`; STOW-RS knows no commitment.

        Raises:
            RefusedError: always.
        """
        raise RefusedError("cannot be asked for commitment over STOW-RS; leave commitment out")

    def _stored(self, client: DICOMwebClient, parcel: Parcel) -> Outcome:
        dataset = pydicom.dcmread(parcel.file)  # which fails by itself, not as the destination does
        try:
            answer = client.store_instances([dataset])
        except requests.HTTPError as error:
            return self._refused(parcel, error.response)
        except requests.ConnectionError as error:
            if not _was_offered(error):
                raise UnreachableError(f"cannot be reached ({type(error).__name__})") from error
            raise BrokenOffError("broke the connection") from error
        except requests.RequestException as error:
            raise BrokenOffError(f"gave no answer ({type(error).__name__})") from error
        except Exception as error:  # an answer that is no DICOM JSON or XML
            raise BrokenOffError(f"gave an answer that cannot be read ({type(error).__name__})") from error
        return _outcome(parcel, answer)

    def _refused(self, parcel: Parcel, response: Any) -> Outcome:
        status = response.status_code
        if status in (401, 403):
            raise RefusedError(f"refuses the user (HTTP {status}); correct user_file of the destination")
        if status == 404:
            raise RefusedError("has no such address (HTTP 404); correct url of the destination")
        if status == 409:
            try:
                return _outcome(parcel, Dataset.from_json(response.content))
            except Exception:  # a conflict that is not explained
                return Outcome(parcel.object, False, "HTTP 409")
        if status >= 500 or status == 429:
            raise BrokenOffError(f"answered HTTP {status}")
        return Outcome(parcel.object, False, f"HTTP {status}")


def _was_offered(error: requests.ConnectionError) -> bool:
    """Return whether a connection was there, and ended while an object was sent or its answer was read."""
    return isinstance(error.args[0], ProtocolError)


def _outcome(parcel: Parcel, answer: Dataset) -> Outcome:
    """Return whether the answer names the object among those that were stored; HTTP 200 alone does not say so."""
    for item in answer.get("ReferencedSOPSequence") or []:
        if item.get("ReferencedSOPInstanceUID") == parcel.uid:
            warning = item.get("WarningReason")
            return Outcome(parcel.object, True, "" if warning is None else f"warning 0x{warning:04X}")
    for item in answer.get("FailedSOPSequence") or []:
        if item.get("ReferencedSOPInstanceUID") == parcel.uid:
            reason = item.get("FailureReason") or 0
            return Outcome(parcel.object, reason in _THERE, f"reason 0x{reason:04X}")
    return Outcome(parcel.object, False, "an answer that does not name the object")
