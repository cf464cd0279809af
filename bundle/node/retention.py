"""What is removed, and when: what has been answered or set aside for long enough, never to make room."""

import logging
import math
import sqlite3
import time
from pathlib import Path

from bundle.node.config import Keep
from bundle.node.crash_points import WHILE_PURGING, reached
from bundle.node.journal import Journal
from bundle.node.spool import Spool, removed
from bundle.node.states import DONE, JobState

logger = logging.getLogger(__name__)

_HOUR, _DAY = 3600.0, 86400.0


def purge_old(spool: Spool, journal: Journal, keep: Keep, up: float = math.inf) -> None:
    """Remove the files of studies of which every job has been answered, or set aside, for long enough.

    Args:
        spool: where they are.
        journal: where jobs are.
        keep: for how long.
        up: seconds that the node has run, by a clock that nobody sets. The other may be set days ahead after a start:
            nothing is removed before the node has run for as long, or an hour.
    """
    now = time.time()
    rows = journal.read(
        "SELECT study.id, study.received, state, changed FROM study JOIN job ON job.study = study.id "
        "WHERE study.uid != ''"
    )
    young = set()
    for row in rows:
        long = keep.set_aside_days * _DAY if row["state"] == JobState.ASIDE else keep.answered_h * _HOUR
        if row["state"] not in DONE or up < min(long, _HOUR) or now - max(row["changed"], row["received"]) < long:
            young.add(row["id"])
    for study in {row["id"] for row in rows} - young:
        purge(spool, journal, study)


def purge(spool: Spool, journal: Journal, study: int) -> bool:
    """Remove the files of a study, and what names it in the journal; return whether it could be.

    It cannot while a job of it is open. What is known of its objects stays, so that none is scored twice.
    """
    with journal.transaction() as connection:
        states = connection.execute("SELECT state FROM job WHERE study = ?", (study,)).fetchall()
        if not all(row["state"] in DONE for row in states):
            return False
        paths = _forget(connection, spool, study)
    # Killed here, the next start finds files without a row, and removes them.
    with journal.transaction() as connection:
        # An object that was sent again in the meantime is kept.
        back = set(_files(connection, spool, study))
        for path in paths:
            reached(WHILE_PURGING)
            if path not in back:
                removed(path)
    for folder in {path.parent for path in paths}:
        if folder.is_dir() and not any(folder.iterdir()) and folder.parent != spool.folder:
            folder.rmdir()
    logger.info("purged a study of %d files", len(paths))
    return True


def _files(connection: sqlite3.Connection, spool: Spool, study: int) -> list[Path]:
    """Return the paths of what is kept of a study."""
    rows = connection.execute(
        "SELECT key, name FROM instance JOIN study ON study.id = instance.study WHERE study = ? AND kept", (study,)
    ).fetchall()
    paths = [spool.instance(row["key"], row["name"]) for row in rows]
    rows = connection.execute(
        "SELECT file FROM object WHERE kept AND job IN (SELECT id FROM job WHERE study = ?)", (study,)
    ).fetchall()
    return paths + [spool.folder / row["file"] for row in rows]


def _forget(connection: sqlite3.Connection, spool: Spool, study: int) -> list[Path]:
    paths = _files(connection, spool, study)
    connection.execute("UPDATE instance SET kept = 0 WHERE study = ?", (study,))
    connection.execute("UPDATE object SET kept = 0 WHERE job IN (SELECT id FROM job WHERE study = ?)", (study,))
    connection.execute("UPDATE study SET uid = '', accession = '' WHERE id = ?", (study,))
    return paths
