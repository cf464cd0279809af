"""The journal of a node: what was received, what becomes of it, who has which answer; in SQLite.

Every change is one transaction, and on the disk when it returns (write-ahead log, ``synchronous=FULL``).
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bundle.errors import InputError

VERSION = 3
_TABLES = Path(__file__).with_name("journal.sql")
_STEPS = {
    1: (
        "ALTER TABLE job ADD COLUMN aside TEXT NOT NULL DEFAULT ''",
        "UPDATE job SET aside = reason, reason = '' WHERE state = 'set aside'",
    ),
    2: (
        "CREATE TABLE lacking (source TEXT NOT NULL, study TEXT NOT NULL, name TEXT NOT NULL, "
        "PRIMARY KEY (study, source, name)) WITHOUT ROWID",
    ),
}
"""Version → what makes the next of it."""
_PATIENCE = 10.0
"""Seconds to wait for another process, as that of ``serve retry``, which writes one transaction."""


class Journal:
    """A connection to the journal, for all threads of a process.

    Args:
        path: of the file; made when absent.

    Raises:
        InputError: when it cannot be opened, or is of another version.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._open(path)
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.Error as error:
            raise InputError(f"cannot be used as a journal ({error})", "give another spool", path) from error

    def _open(self, path: Path) -> None:
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        with self.transaction() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if not version:
                for statement in _TABLES.read_text(encoding="utf-8").split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={VERSION}")
                return
            while version in _STEPS:
                for statement in _STEPS[version]:
                    connection.execute(statement)
                version += 1
                connection.execute(f"PRAGMA user_version={version}")
            if version != VERSION:
                problem = f"is a journal of the version {version}, and this node writes {VERSION}"
                raise InputError(problem, "give it another spool, or run the version that made it", path)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for changes that all happen or none; on the disk when the block has ended.

        Raises:
            sqlite3.Error: when the disk is full or fails.
        """
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def read(self, query: str, *values: Any) -> Sequence[sqlite3.Row]:
        """Return the rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def version_of_others(self) -> int:
        """Return a number that changes whenever another process has written to the journal."""
        return int(self.read("PRAGMA data_version")[0][0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
