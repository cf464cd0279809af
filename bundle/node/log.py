"""What a node logs: job numbers, AE titles, counts and times; nothing that names a person or a study.

Libraries log UIDs and addresses with UIDs in them; nothing of theirs is written.
"""

import hashlib
import logging
import sys
import threading
import time
from typing import TextIO

ROOM = "bundle.node"
_SHORT = 8
_MINUTE = 60.0


def start_log(stream: TextIO | None = None, libraries: bool = False) -> None:
    """Write the node's log lines, and nobody else's.

    Args:
        stream: where to; standard error when None.
        libraries: whether what libraries log is written, too; it names patients and studies.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    room = logging.getLogger(ROOM)
    room.handlers, room.propagate = [handler], False
    room.setLevel(logging.INFO)
    # Without any handler Python would print the warnings of libraries.
    logging.getLogger().handlers = [handler if libraries else logging.NullHandler()]


class Pseudonyms:
    """Short names of studies for the log, which lead nowhere without the spool.

    Args:
        salt: secret of the spool.
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt

    def __call__(self, key: str) -> str:
        """Return the name of a study, from its key."""
        return hashlib.sha256(f"{self._salt}{key}".encode()).hexdigest()[:_SHORT]


class OncePerMinute:
    """Warnings of which each subject has one a minute.

    Args:
        logger: which writes them.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}

    def warning(self, subject: str, message: str, *values: object) -> None:
        """Log a warning about a subject, unless it had one within the last minute."""
        now = time.monotonic()
        with self._lock:
            self._last = {key: at for key, at in self._last.items() if now - at < _MINUTE}
            if subject in self._last:
                return
            self._last[subject] = now
        self._logger.warning(message, *values)
