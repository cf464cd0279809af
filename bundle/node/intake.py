"""What happens to an object that has arrived: it is kept, and on the disk before it is acknowledged, or refused."""

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Hashable
from enum import IntEnum
from pathlib import Path

from bundle.node import instances
from bundle.node.completion import Completion
from bundle.node.crash_points import AFTER_COMMIT, AFTER_RENAME, BEFORE_RENAME, reached
from bundle.node.header import (
    MULTI_FRAME,
    SCORED,
    ContradictoryError,
    Header,
    NotUnderstoodError,
    is_same_image,
    read_object,
)
from bundle.node.instances import Known
from bundle.node.journal import Journal
from bundle.node.spool import Spool, moved, sync_file
from bundle.node.tally import Tally

logger = logging.getLogger(__name__)

_LOCKS = 64


class Status(IntEnum):
    """Of a C-STORE (DICOM PS3.4, B.2.3)."""

    SUCCESS = 0x0000
    PROCESSING_FAILURE = 0x0110
    OUT_OF_RESOURCES = 0xA700
    DATA_SET_DOES_NOT_MATCH = 0xA900
    CANNOT_UNDERSTAND = 0xC000


class Intake:
    """Keep what is to be scored.

    Args:
        spool: where files go.
        journal: where they are written down.
        completion: which hears of each.
        tally: which counts them.
        max_instances: of a study.
    """

    def __init__(
        self, spool: Spool, journal: Journal, completion: Completion, tally: Tally, max_instances: int
    ) -> None:
        self._spool, self._journal, self._completion, self._tally = spool, journal, completion, tally
        self._max_instances = max_instances
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def take(self, file: Path, sop_class: str, sop_instance: str, sender: Hashable | None, name: str) -> Status:
        """Return the status for an object; with SUCCESS it is on the disk, or of a kind that is not scored.

        Args:
            file: in the spool's `Spool.incoming`; it is gone afterwards, or the caller's to remove.
            sop_class: as it was announced; so is the next.
            sop_instance: UID.
            sender: see `Completion.arrived`.
            name: of the sender, for the log.
        """
        if sop_class not in SCORED | MULTI_FRAME:
            self._tally.add("ignored", reason="class")
            return Status.SUCCESS
        try:
            header = read_object(file, sop_class, sop_instance)
            if header.own:
                self._tally.add("ignored", reason="own result")
                return Status.SUCCESS
            digest = _content_digest(file)
            # Two associations may send the same object at once.
            with self._locks[int(header.name[:8], 16) % _LOCKS]:
                return self._keep(file, header, digest, sender, name)
        except NotUnderstoodError as error:
            return self.refuse(Status.CANNOT_UNDERSTAND, f"an object {error}", name)
        except ContradictoryError as error:
            return self.refuse(Status.DATA_SET_DOES_NOT_MATCH, f"an object {error}", name)
        except (OSError, sqlite3.OperationalError) as error:
            return self.refuse(Status.OUT_OF_RESOURCES, f"the disk takes no object ({_why(error)})", name)
        except Exception as error:
            return self.refuse(Status.PROCESSING_FAILURE, f"an object failed with {type(error).__name__}", name)

    def is_full(self, study: str) -> bool:
        """Return whether a study, by its key, has as many objects as it may have."""
        return instances.count(self._journal, study) >= self._max_instances

    def refuse(self, status: Status, reason: str, name: str) -> Status:
        """Count and log that an object is refused, and return the status."""
        self._tally.add("refused", status=f"{status:04X}")
        logger.warning("refused from %s with 0x%04X: %s", name, status, reason)
        return status

    def _keep(self, file: Path, header: Header, digest: str, sender: Hashable | None, name: str) -> Status:
        known, study = instances.known(self._journal, header, digest)
        target = self._spool.instance(header.study, header.name)
        if known is Known.OTHER and is_same_image(target, file):
            # As an archive forwards it that the scanner sent to both; the first is kept.
            known, study = Known.SAME, instances.study_number(self._journal, header.study)
        if known is Known.OTHER:
            reason = "an object has the UID of another that is here, and other content"
            return self.refuse(Status.DATA_SET_DOES_NOT_MATCH, reason, name)
        if study is not None:
            self._tally.add("duplicates")
            self._completion.arrived_again(study, sender)
        if known is Known.SAME:
            return Status.SUCCESS
        if known is Known.NOT and self.is_full(header.study):
            reason = f"a study has more than {self._max_instances} objects"
            return self.refuse(Status.OUT_OF_RESOURCES, reason, name)
        sync_file(file)
        reached(BEFORE_RENAME)
        try:
            if known is Known.PURGED:
                instances.restore(self._journal, header, lambda: moved(file, target))
            else:
                moved(file, target)
                reached(AFTER_RENAME)
                study = instances.keep(self._journal, header, digest)
                self._completion.arrived(study, sender)
                self._tally.add("received")
        except sqlite3.Error:
            target.unlink(missing_ok=True)
            raise
        reached(AFTER_COMMIT)
        return Status.SUCCESS


def _content_digest(path: Path) -> str:
    """Return the SHA-256 of an object without its file meta information, which the receiver writes."""
    with path.open("rb") as file:
        # After preamble and prefix it begins with its own length, (0002,0000).
        head = file.read(144)
        file.seek(144 + int.from_bytes(head[140:144], "little"))
        return hashlib.file_digest(file, "sha256").hexdigest()


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)
