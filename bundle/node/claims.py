"""Jobs that a worker has: taken one after the other, put back, or failed."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from bundle.heads import Action
from bundle.node.journal import Journal
from bundle.node.states import DeliveryState, JobState

ATTEMPTS = 2
"""Times that a study is given to a worker: what kills two of them is set aside."""


_STANDING = (
    "SELECT job FROM object WHERE kept OR id IN "
    f"(SELECT object FROM delivery WHERE state NOT IN ('{DeliveryState.WAITING}', '{DeliveryState.FAILED}'))"
)
"""Jobs with an answer that is here or has reached a destination: one that was purged before that was never given."""


class Report(NamedTuple):
    """A structured report that was made."""

    uid: str
    series: str


class Earlier(NamedTuple):
    """The answers about a study before this one."""

    number: int
    action: str
    """The most urgent of theirs: what was suspected once stays so, however many answers come after it."""
    reports: Sequence[Report]
    """Of the last of them."""


class Claim(NamedTuple):
    """A job that is being scored."""

    job: int
    study: int
    key: str
    names: Sequence[str]
    """Of its objects, see `bundle.node.spool.Spool.instance`."""
    multi_frame: int
    """Objects of several frames, which are not among them."""
    missing: int
    """Objects that a source lists, and that have not been received."""
    earlier: Earlier | None


def claim(journal: Journal) -> Claim | None:
    """Return the job that has waited longest for a worker, which scores it from now on; None where there is none."""
    with journal.transaction() as connection:
        row = connection.execute(
            "UPDATE job SET state = ?, changed = ? WHERE id = "
            "(SELECT id FROM job WHERE state = ? ORDER BY arrived, id LIMIT 1) RETURNING id, study",
            (JobState.INFERRING, time.time(), JobState.READY),
        ).fetchone()
        if row is None:
            return None
        job, study = row
        (key,) = connection.execute("SELECT key FROM study WHERE id = ?", (study,)).fetchone()
        objects = connection.execute(
            "SELECT name, multi_frame FROM instance WHERE study = ? AND kept ORDER BY id", (study,)
        ).fetchall()
        (missing,) = connection.execute(
            "SELECT count(DISTINCT name) FROM lacking WHERE study = ? AND name NOT IN (SELECT name FROM instance)",
            (key,),
        ).fetchone()
        earlier = connection.execute(
            f"SELECT id, action FROM job WHERE study = ? AND id IN ({_STANDING}) ORDER BY id", (study,)
        ).fetchall()
        reports = connection.execute(
            "SELECT uid, series FROM object WHERE kind = 'SR' AND job = ? ORDER BY id",
            (earlier[-1]["id"] if earlier else None,),
        ).fetchall()
    names = [each["name"] for each in objects if not each["multi_frame"]]
    before = None
    if earlier:
        action = min((Action(each["action"]) for each in earlier), key=list(Action).index)
        before = Earlier(len(earlier), action, [Report(*each) for each in reports])
    return Claim(job, study, key, names, len(objects) - len(names), missing, before)


def put_back(journal: Journal, job: int) -> None:
    """Let a job wait for a worker again, as if it had not been claimed."""
    with journal.transaction() as connection:
        connection.execute(
            "UPDATE job SET state = ?, changed = ? WHERE id = ? AND state = ?",
            (JobState.READY, time.time(), job, JobState.INFERRING),
        )


def fail(journal: Journal, job: int, reason: str) -> JobState:
    """Note that a worker failed, and return whether the job waits for another or is set aside."""
    with journal.transaction() as connection:
        row = connection.execute(
            "UPDATE job SET failures = failures + 1, aside = ?, changed = ?, "
            "state = iif(failures + 1 >= ?, ?, ?) WHERE id = ? AND state = ? RETURNING state",
            (reason, time.time(), ATTEMPTS, JobState.ASIDE, JobState.READY, job, JobState.INFERRING),
        ).fetchone()
    return JobState.ASIDE if row is None else JobState(row[0])


def is_said(journal: Journal, study: int, digest: str) -> bool:
    """Return whether an answer of the same input was made for a study, and all who are to have it can have it."""
    query = (
        f"SELECT 1 FROM job WHERE study = ? AND input = ? AND id IN ({_STANDING}) AND id NOT IN "
        "(SELECT job FROM object JOIN delivery ON object = object.id WHERE NOT kept AND state = ?)"
    )
    return bool(journal.read(query, study, digest, DeliveryState.FAILED))
