"""Objects that were received, and the jobs that they begin."""

import time
from collections.abc import Callable, Collection
from enum import Enum, auto
from typing import NamedTuple

from bundle.node.header import Header
from bundle.node.journal import Journal
from bundle.node.states import OPEN, JobState


class Known(Enum):
    """What the journal knows of an object."""

    NOT = auto()
    SAME = auto()
    PURGED = auto()
    """The same, whose file was purged."""
    OTHER = auto()
    """Another object of the same UID."""


class Found(NamedTuple):
    """What is known of an object, and the number of its study where it is known."""

    known: Known
    study: int | None


def _accession(new: str) -> str:
    """Return an expression for the accession number of a study: an object without one takes none away."""
    return f"coalesce(nullif({new}, ''), accession)"


def known(journal: Journal, header: Header, digest: str) -> Found:
    """Return what is known of an object with this header and digest of its content."""
    rows = journal.read(
        "SELECT study, key, digest, kept FROM instance JOIN study ON study.id = instance.study WHERE name = ?",
        header.name,
    )
    if not rows:
        return Found(Known.NOT, None)
    study, key, other, kept = rows[0]
    if (key, other) != (header.study, digest):
        return Found(Known.OTHER, None)
    return Found(Known.SAME if kept else Known.PURGED, study)


def is_here(journal: Journal, name: str) -> bool:
    """Return whether an object, by its key, is or was kept."""
    return bool(journal.read("SELECT 1 FROM instance WHERE name = ?", name))


def study_number(journal: Journal, key: str) -> int | None:
    """Return the number of a study, from its key; None where nothing of it was kept."""
    rows = journal.read("SELECT id FROM study WHERE key = ?", key)
    return rows[0]["id"] if rows else None


def count(journal: Journal, study: str) -> int:
    """Return how many objects of a study, by its key, are kept."""
    query = "SELECT count(*) FROM instance JOIN study ON study.id = instance.study WHERE key = ? AND kept"
    return int(journal.read(query, study)[0][0])


def keep(journal: Journal, header: Header, digest: str) -> int:
    """Write down an object that is new and the job that it belongs to, and return the number of its study.

    That is the job of its study which has not begun to be scored; else a new one, over the whole study.

    Raises:
        sqlite3.Error: when the disk is full or fails.
    """
    now = time.time()
    with journal.transaction() as connection:
        (study,) = connection.execute(
            "INSERT INTO study (key, uid, accession, received) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE "
            f"SET uid = excluded.uid, accession = {_accession('excluded.accession')}, received = excluded.received "
            "RETURNING id",
            (header.study, header.study_uid, header.accession, now),
        ).fetchone()
        connection.execute(
            "INSERT INTO instance (study, name, digest, multi_frame, kept) VALUES (?, ?, ?, ?, 1)",
            (study, header.name, digest, header.multi_frame),
        )
        waiting = connection.execute(
            "UPDATE job SET state = ?, changed = ? WHERE study = ? AND state IN (?, ?) RETURNING id",
            (JobState.COLLECTING, now, study, *OPEN),
        ).fetchone()
        if waiting is None:
            connection.execute(
                "INSERT INTO job (study, state, arrived, changed) VALUES (?, ?, ?, ?)",
                (study, JobState.COLLECTING, now, now),
            )
    return int(study)


def restore(journal: Journal, header: Header, place: Callable[[], None]) -> None:
    """Write down that the file of a known object, which was purged, is here again; it begins no job.

    Args:
        journal: of the node.
        header: of the object.
        place: puts the file into its place, within the transaction: whoever is still removing the purged file is done
            by then, or sees that it is kept.
    """
    with journal.transaction() as connection:
        place()
        connection.execute("UPDATE instance SET kept = 1 WHERE name = ?", (header.name,))
        connection.execute(
            f"UPDATE study SET uid = ?, accession = {_accession('?')}, received = ? WHERE key = ?",
            (header.study_uid, header.accession, time.time(), header.study),
        )


def lack(journal: Journal, source: str, study: str, names: Collection[str]) -> None:
    """Write down which objects of a study, by their keys, have not come from a source, in place of what it lacked.

    One that comes in the meantime, from wherever, is not lacking any more, see `bundle.node.claims.claim`.
    """
    with journal.transaction() as connection:
        connection.execute("DELETE FROM lacking WHERE source = ? AND study = ?", (source, study))
        connection.executemany("INSERT OR IGNORE INTO lacking VALUES (?, ?, ?)", [(source, study, x) for x in names])
