"""Which destination is to have which object, and has it."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from bundle.heads import Action
from bundle.node.destination import Outcome, Parcel
from bundle.node.journal import Journal
from bundle.node.spool import Spool
from bundle.node.states import PENDING, DeliveryState, JobState

_ORDER = "CASE kind WHEN 'SC' THEN 0 WHEN 'KO' THEN 1 ELSE 2 END"
"""A report comes last, so that what it belongs to is there when it is; behind an object that fails, nothing waits."""


class Delivery(NamedTuple):
    """What a job has for a destination."""

    job: int
    parcels: Sequence[Parcel]


def next_delivery(
    journal: Journal, spool: Spool, destination: str, state: DeliveryState = DeliveryState.WAITING
) -> Delivery | None:
    """Return what is due for a destination: of a suspected study first, else of that which has waited longest.

    Args:
        journal: of the node.
        spool: where files are.
        destination: name of it.
        state: `DeliveryState.WAITING` for what is to be sent, `DeliveryState.STORED` for what is to be committed.
    """
    found = journal.read(
        "SELECT job.id FROM delivery JOIN object ON object.id = delivery.object JOIN job ON job.id = object.job "
        "WHERE destination = ? AND delivery.state = ? AND due <= ? AND job.state = ? "
        "ORDER BY job.action != ?, job.arrived, job.id LIMIT 1",
        *(destination, state, time.monotonic(), JobState.INFERRED, Action.READ_FIRST),
    )
    if not found:
        return None
    job = found[0]["id"]
    rows = journal.read(
        "SELECT object.id, kind, uid, file FROM object JOIN delivery ON object.id = delivery.object "
        f"WHERE job = ? AND destination = ? AND state = ? AND due <= ? ORDER BY tries, {_ORDER}, object.id",
        *(job, destination, state, time.monotonic()),
    )
    return Delivery(job, [Parcel(row["id"], row["kind"], row["uid"], spool.folder / row["file"]) for row in rows])


def note(
    journal: Journal, destination: str, outcome: Outcome, again: float, give_up: float, commitment: bool
) -> DeliveryState:
    """Write down what became of an object, and return where it stands.

    Args:
        journal: of the node.
        destination: name of it.
        outcome: of the object.
        again: seconds after which it is sent again, where it was not taken.
        give_up: seconds after the answer from which on it is not.
        commitment: whether the destination is asked to say that it keeps what it takes.
    """
    with journal.transaction() as connection:
        row = connection.execute(
            "SELECT since FROM delivery WHERE object = ? AND destination = ?", (outcome.object, destination)
        ).fetchone()
        state = DeliveryState.WAITING
        if outcome.taken and commitment:
            state, again = DeliveryState.STORED, 0.0
        elif outcome.taken:
            state = DeliveryState.WARNED if outcome.said else DeliveryState.SENT
        elif time.time() - row["since"] > give_up:
            state = DeliveryState.FAILED
        connection.execute(
            "UPDATE delivery SET state = ?, said = ?, due = ?, tries = tries + 1 WHERE object = ? AND destination = ? "
            "AND state = ?",
            (state, outcome.said, time.monotonic() + again, outcome.object, destination, DeliveryState.WAITING),
        )
    return state


def put_off(journal: Journal, destination: str, numbers: Sequence[int], again: float) -> None:
    """Let objects wait that were not offered, as another of their job has failed.

    Args:
        journal: of the node.
        destination: name of it.
        numbers: of the objects.
        again: seconds after which they are sent.
    """
    with journal.transaction() as connection:
        connection.executemany(
            "UPDATE delivery SET due = ? WHERE object = ? AND destination = ? AND state = ?",
            [(time.monotonic() + again, number, destination, DeliveryState.WAITING) for number in numbers],
        )


def asked(journal: Journal, destination: str, numbers: Sequence[int], again: float, give_up: float) -> bool:
    """Write down that a destination was asked to commit objects, and return whether one was given up.

    Args:
        journal: of the node.
        destination: name of it.
        numbers: of the objects.
        again: seconds after which it is asked again, where it has said nothing.
        give_up: see `note`.
    """
    now = time.time()
    with journal.transaction() as connection:
        states = [
            connection.execute(
                "UPDATE delivery SET due = ?, state = iif(? - since > ?, ?, state) "
                "WHERE object = ? AND destination = ? AND state = ? RETURNING state",
                (
                    *(time.monotonic() + again, now, give_up, DeliveryState.FAILED),
                    *(number, destination, DeliveryState.STORED),
                ),
            ).fetchone()
            for number in numbers
        ]
    return any(row is not None and row["state"] == DeliveryState.FAILED for row in states)


def committed(journal: Journal, destination: str, uids: Sequence[str], lost: Sequence[str], again: float) -> set[int]:
    """Write down what a destination says that it keeps, and return the jobs that this is about.

    Args:
        journal: of the node.
        destination: name of it.
        uids: of objects that it keeps.
        lost: of objects that it does not keep.
        again: seconds after which those are sent again.
    """
    found = set()
    due = time.monotonic() + again
    with journal.transaction() as connection:
        for uid, state in [
            *((uid, DeliveryState.SENT) for uid in uids),
            *((uid, DeliveryState.WAITING) for uid in lost),
        ]:
            rows = connection.execute(
                "UPDATE delivery SET state = ?, due = ? WHERE destination = ? AND state = ? "
                "AND object IN (SELECT id FROM object WHERE uid = ?) RETURNING object",
                (state, due, destination, DeliveryState.STORED, uid),
            ).fetchall()
            for row in rows:
                (job,) = connection.execute("SELECT job FROM object WHERE id = ?", (row["object"],)).fetchone()
                found.add(job)
    return found


class Attempts(NamedTuple):
    """How often an object was sent to a destination, and what was said of it last."""

    number: int
    said: str


def attempts(journal: Journal, destination: str, number: int) -> Attempts:
    """Return what has become of an object, by its number, at a destination."""
    query = "SELECT tries, said FROM delivery WHERE object = ? AND destination = ?"
    return Attempts(*journal.read(query, number, destination)[0])


def waiting(journal: Journal, destination: str) -> set[int]:
    """Return the numbers of the objects that are to be sent to a destination."""
    rows = journal.read(
        "SELECT object.id FROM delivery JOIN object ON object.id = delivery.object JOIN job ON job.id = object.job "
        "WHERE destination = ? AND delivery.state = ? AND job.state = ?",
        *(destination, DeliveryState.WAITING, JobState.INFERRED),
    )
    return {row["id"] for row in rows}


def due_now(journal: Journal) -> None:
    """Let all that waits be sent at once, as a person has asked for."""
    with journal.transaction() as connection:
        connection.execute("UPDATE delivery SET due = 0 WHERE state IN (?, ?)", PENDING)
