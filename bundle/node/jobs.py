"""Jobs: each is one answer about a study, from its first object to the last destination that has the answer."""

import logging
import sqlite3
import time
from collections.abc import Collection, Sequence
from typing import NamedTuple

from bundle.node.journal import Journal
from bundle.node.outbox import Made
from bundle.node.states import PENDING, DeliveryState, JobState

logger = logging.getLogger(__name__)


class Verdict(NamedTuple):
    """What an answer says."""

    input: str
    """Digest of the scored slices, of what scored them, and of what it says of them."""
    action: str
    p_any: float | None
    reason: str


def replay(journal: Journal, destinations: Collection[str]) -> list[int]:
    """Go on where a node ended: what was being scored is ready, what waited is due; return the studies to collect.

    Args:
        journal: of the node.
        destinations: names; what waits for another, which is not in the config any more, is given up.
    """
    with journal.transaction() as connection:
        connection.execute("UPDATE job SET state = ? WHERE state = ?", (JobState.READY, JobState.INFERRING))
        connection.execute("UPDATE delivery SET due = 0 WHERE state IN (?, ?)", PENDING)
        waited = connection.execute("SELECT DISTINCT destination FROM delivery WHERE state IN (?, ?)", PENDING)
        for gone in {row["destination"] for row in waited.fetchall()}.difference(destinations):
            connection.execute(
                "UPDATE delivery SET state = ? WHERE destination = ? AND state IN (?, ?)",
                (DeliveryState.FAILED, gone, *PENDING),
            )
            logger.warning("the destination %s is not in the config any more; what waited for it is given up", gone)
    close_all(journal)
    return [row[0] for row in journal.read("SELECT study FROM job WHERE state = ?", JobState.COLLECTING)]


def complete(journal: Journal, study: int) -> int | None:
    """Return the job of a study which is complete now and may be scored; None where there is none."""
    with journal.transaction() as connection:
        row = connection.execute(
            "UPDATE job SET state = ?, changed = ? WHERE study = ? AND state = ? RETURNING id",
            (JobState.READY, time.time(), study, JobState.COLLECTING),
        ).fetchone()
    return None if row is None else int(row[0])


def set_aside(journal: Journal, job: int, reason: str) -> None:
    """Set a job aside, whatever it waits for; nothing more is sent for it."""
    with journal.transaction() as connection:
        connection.execute(
            "UPDATE job SET state = ?, aside = ?, changed = ? WHERE id = ? AND state != ?",
            (JobState.ASIDE, reason, time.time(), job, JobState.ANSWERED),
        )
        _give_up(connection, job)


def answer(
    journal: Journal,
    job: int,
    verdict: Verdict,
    made: Sequence[Made],
    destinations: Sequence[tuple[str, Sequence[str]]],
) -> JobState | None:
    """Write down an answer whose files are on the disk, and who is to have it; return the state of the job after it.

    That is None where a person has set the job aside in the meantime; nothing is written down then.

    Args:
        journal: of the node.
        job: which was claimed.
        verdict: what the answer says.
        made: its objects; without any nothing is sent, and the job is answered.
        destinations: names, with the kinds of objects that each is to have.
    """
    now = time.time()
    with journal.transaction() as connection:
        found = connection.execute(
            "UPDATE job SET state = ?, input = ?, action = ?, p_any = ?, reason = ?, changed = ? "
            "WHERE id = ? AND state = ? RETURNING id",
            (JobState.INFERRED if made else JobState.ANSWERED, *verdict, now, job, JobState.INFERRING),
        ).fetchone()
        if found is None:
            return None
        # Those of an earlier answer of this job, which was purged before it was sent.
        stale = "SELECT id FROM object WHERE job = ? AND NOT kept"
        connection.execute(f"DELETE FROM delivery WHERE object IN ({stale})", (job,))
        connection.execute(f"DELETE FROM object WHERE id IN ({stale})", (job,))
        for each in made:
            (number,) = connection.execute(
                "INSERT INTO object (job, kind, uid, series, file, digest) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (job, *each),
            ).fetchone()
            connection.executemany(
                "INSERT INTO delivery (object, destination, state, since) VALUES (?, ?, ?, ?)",
                [(number, name, DeliveryState.WAITING, now) for name, kinds in destinations if each.kind in kinds],
            )
    return close(journal, job)


def close(journal: Journal, job: int) -> JobState:
    """Return the state of a job that was scored: it is done when no destination waits for its answer."""
    with journal.transaction() as connection:
        states = connection.execute(
            "SELECT state, destination, said FROM delivery JOIN object ON object.id = delivery.object WHERE job = ?",
            (job,),
        ).fetchall()
        if any(each["state"] in PENDING for each in states):
            return JobState.INFERRED
        failed = sorted({each["destination"] for each in states if each["state"] == DeliveryState.FAILED})
        state = JobState.ASIDE if failed else JobState.ANSWERED
        reason = f"not taken by {', '.join(failed)}" if failed else ""
        connection.execute(
            "UPDATE job SET state = ?, aside = ?, changed = ? WHERE id = ? AND state = ?",
            (state, reason, time.time(), job, JobState.INFERRED),
        )
    return state


def close_all(journal: Journal) -> None:
    """Close every job that no destination waits for: a node may end, or a disk fail, before that was written down."""
    for row in journal.read("SELECT id FROM job WHERE state = ?", JobState.INFERRED):
        close(journal, row["id"])


def retry(journal: Journal, job: int) -> JobState | None:
    """Return the state of a job that a person has asked to be done again; None where it is being done.

    One that was set aside goes back to where it failed: an answer in the outbox is sent to the destinations that lack
    it, any other is scored. Of one that was answered the study is scored again as another job, which gives another
    answer only where slices, what is said of them, or the model are others by now.
    """
    with journal.transaction() as connection:
        again = connection.execute(
            "INSERT INTO job (study, state, arrived, changed) "
            "SELECT study, ?, ?, ? FROM job WHERE id = ? AND state = ? RETURNING id",
            (JobState.READY, time.time(), time.time(), job, JobState.ANSWERED),
        ).fetchone()
        if again is not None:
            return JobState.READY
        has_answer = connection.execute("SELECT 1 FROM object WHERE job = ? AND kept", (job,)).fetchone()
        state = JobState.INFERRED if has_answer else JobState.READY
        row = connection.execute(
            "UPDATE job SET state = ?, failures = 0, aside = '', changed = ? WHERE id = ? AND state = ? RETURNING id",
            (state, time.time(), job, JobState.ASIDE),
        ).fetchone()
        if row is None:
            return None
        connection.execute(
            "UPDATE delivery SET state = ?, due = 0, since = ?, said = '' WHERE state = ? "
            "AND object IN (SELECT id FROM object WHERE job = ? AND kept)",
            (DeliveryState.WAITING, time.time(), DeliveryState.FAILED, job),
        )
    return state


def _give_up(connection: sqlite3.Connection, job: int) -> None:
    connection.execute(
        "UPDATE delivery SET state = ? WHERE state IN (?, ?) AND object IN (SELECT id FROM object WHERE job = ?)",
        (DeliveryState.FAILED, *PENDING, job),
    )
