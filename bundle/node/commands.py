"""What a person asks of a node, running or not: a transaction in its journal."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from bundle.errors import InputError
from bundle.node import deliveries, figures, jobs
from bundle.node.aside import show_set_aside
from bundle.node.config import Config
from bundle.node.journal import Journal
from bundle.node.retention import purge
from bundle.node.spool import Spool
from bundle.node.states import JobState

ALL = "all"


@contextmanager
def open_journal(config: Config) -> Iterator[tuple[Spool, Journal]]:
    """Yield spool and journal of a node, beside which it may run.

    Raises:
        InputError: when there is none, it is another user's, or the disk or the journal fails.
    """
    spool = Spool(config.spool)
    try:
        # What another user, as root, wrote into the spool, the node could not write or remove.
        if spool.folder.exists() and spool.folder.stat().st_uid != os.geteuid():
            raise InputError("belongs to another user", "run it as the node's user, with sudo -u", spool.folder)
        if not spool.journal.is_file():
            raise InputError("holds no journal", "start a node with this config first", spool.folder)
        with closing(Journal(spool.journal)) as journal:
            yield spool, journal
    except BrokenPipeError:  # of whoever reads what is printed
        raise
    except (OSError, sqlite3.Error) as error:
        problem = f"cannot be used ({getattr(error, 'strerror', None) or error})"
        raise InputError(
            problem, "see that the disk has room and that the node's user runs this", spool.folder
        ) from error


def status(journal: Journal) -> dict[str, object]:
    """Return how the jobs of a node stand."""
    return {
        "jobs": figures.jobs_by_state(journal),
        "outbox": {name: count for name, (count, _) in figures.outbox(journal).items()},
        "set_aside": figures.set_aside(journal),
    }


def status_lines(journal: Journal) -> Iterator[str]:
    """Yield the same for people."""
    for state, count in figures.jobs_by_state(journal).items():
        yield f"{count:6} {state}"
    for name, (count, age) in figures.outbox(journal).items():
        yield f"{name} lacks {count} objects, the oldest for {age:.0f} s"
    for row in figures.set_aside(journal):
        yield f"job {row['id']} was set aside: {row['reason']}"


def retry(spool: Spool, journal: Journal, job: str) -> str:
    """Do a job again, or all that were set aside; all that waits to be sent is sent at once. Return what was done.

    Raises:
        InputError: when there is no such job, or nothing to be done again.
    """
    deliveries.due_now(journal)
    if job == ALL:
        rows = journal.read("SELECT id FROM job WHERE state = ?", JobState.ASIDE)
        for row in rows:
            jobs.retry(journal, row["id"])
        show_set_aside(spool, journal)
        return f"{len(rows)} jobs are done again"
    number = _number(journal, job)
    state = jobs.retry(journal, number)
    if state is None:
        raise InputError(f"the job {number} is being done", "wait until it is answered or set aside")
    show_set_aside(spool, journal)
    return f"job {number}: {'sent' if state is JobState.INFERRED else 'scored'} again"


def set_aside(spool: Spool, journal: Journal, job: str) -> str:
    """Set a job aside that has no answer yet, and return what was done.

    Raises:
        InputError: when there is no such job, or it was answered.
    """
    number = _number(journal, job)
    jobs.set_aside(journal, number, "a person asked for it")
    if journal.read("SELECT 1 FROM job WHERE id = ? AND state = ?", number, JobState.ANSWERED):
        raise InputError(f"the job {number} was answered", "purge it, to remove its files")
    show_set_aside(spool, journal)
    return f"job {number} was set aside"


def purge_job(spool: Spool, journal: Journal, job: str) -> str:
    """Remove the files of the study of a job, and return what was done.

    Raises:
        InputError: when there is no such job, or one of its study is open.
    """
    number = _number(journal, job)
    study = journal.read("SELECT study FROM job WHERE id = ?", number)[0]["study"]
    if not purge(spool, journal, study):
        raise InputError(f"the study of job {number} is not done", "wait, or set its jobs aside first")
    return f"the files of the study of job {number} were removed"


def _number(journal: Journal, job: str) -> int:
    if not job.isdecimal() or not journal.read("SELECT 1 FROM job WHERE id = ?", int(job)):
        raise InputError(f"there is no job {job!r}", "take the number of one from the log or serve status")
    return int(job)
