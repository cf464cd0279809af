"""How a node is: what it counted since its start, and what its journal holds."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from bundle.heads import Action
from bundle.node.journal import Journal
from bundle.node.states import PENDING, JobState
from bundle.node.tally import Sample, Tally

PREFIX = "brain_node_"


class Metric(NamedTuple):
    """A metric of Prometheus."""

    name: str
    kind: str
    help: str


COUNTERS = (
    Metric("received", "counter", "objects that were kept"),
    Metric("duplicates", "counter", "objects that were here already"),
    Metric("ignored", "counter", "objects that were acknowledged and not kept, by reason"),
    Metric("refused", "counter", "objects that were refused, by status"),
    Metric("rejected", "counter", "associations that were rejected, by source and reason"),
    Metric("scored", "counter", "studies that were scored, by verdict"),
    Metric("worker_deaths", "counter", "workers that ended, or were ended, during a study"),
    Metric("sent", "counter", "objects that a destination took"),
    Metric("not_sent", "counter", "attempts at sending an object that failed"),
    Metric("polled", "counter", "studies that a source was asked for, by source"),
    Metric("seconds", "counter", "seconds that were spent, by stage"),
)
GAUGES = (
    Metric("jobs", "gauge", "jobs, by state"),
    Metric("outbox", "gauge", "objects that a destination does not have yet"),
    Metric("outbox_age_seconds", "gauge", "how long the oldest of them has waited"),
    Metric("oldest_job_seconds", "gauge", "how long the oldest job without an answer has waited"),
    Metric("suspected_share", "gauge", "share of the last 100 answers that suspect a hemorrhage"),
    Metric("undetermined_share", "gauge", "share of the last 100 answers that are undetermined"),
    Metric("worker", "gauge", "1 where there is a worker"),
    Metric("disk_has_room", "gauge", "1 where the disk has more room than its reserve"),
)
_LAST = 100


def jobs_by_state(journal: Journal) -> dict[str, int]:
    """Return how many jobs are in each state."""
    counted = dict(map(tuple, journal.read("SELECT state, count(*) FROM job GROUP BY state")))
    return {state: counted.get(state, 0) for state in JobState}


def outbox(journal: Journal) -> dict[str, tuple[int, float]]:
    """Return for each destination how many objects wait for it, and how long the oldest has, seconds."""
    rows = journal.read(
        "SELECT destination, count(*), min(since) FROM delivery WHERE state IN (?, ?) GROUP BY destination",
        *PENDING,
    )
    return {name: (count, max(0.0, time.time() - since)) for name, count, since in rows}


def oldest_job(journal: Journal) -> float:
    """Return for how long the oldest job that is open has waited, seconds; 0 where there is none."""
    query = "SELECT min(arrived) FROM job WHERE state NOT IN (?, ?)"
    (oldest,) = journal.read(query, JobState.ANSWERED, JobState.ASIDE)[0]
    return 0.0 if oldest is None else max(0.0, time.time() - oldest)


def share(journal: Journal, action: Action) -> float:
    """Return the share of a verdict among the last answers; drift shows there first."""
    rows = journal.read("SELECT action FROM job WHERE action != '' ORDER BY id DESC LIMIT ?", _LAST)
    return sum(row["action"] == action for row in rows) / max(1, len(rows))


def gauges(journal: Journal, has_worker: bool, has_room: bool) -> Iterator[Sample]:
    """Yield what `GAUGES` name."""
    for state, count in jobs_by_state(journal).items():
        yield Sample("jobs", (("state", state),), count)
    for name, (count, age) in outbox(journal).items():
        yield Sample("outbox", (("destination", name),), count)
        yield Sample("outbox_age_seconds", (("destination", name),), age)
    yield Sample("oldest_job_seconds", (), oldest_job(journal))
    yield Sample("suspected_share", (), share(journal, Action.READ_FIRST))
    yield Sample("undetermined_share", (), share(journal, Action.READ_SOON))
    yield Sample("worker", (), has_worker)
    yield Sample("disk_has_room", (), has_room)


def exposition(tally: Tally, more: Iterator[Sample]) -> str:
    """Return metrics as Prometheus reads them (text format 0.0.4)."""
    samples = [*tally.samples(), *more]
    lines = []
    for metric in (*COUNTERS, *GAUGES):
        name = PREFIX + metric.name + ("_total" if metric.kind == "counter" else "")
        lines += [f"# HELP {name} {metric.help}", f"# TYPE {name} {metric.kind}"]
        lines += [f"{name}{_labels(each)} {each.value:g}" for each in samples if each.name == metric.name]
    return "\n".join(lines) + "\n"


def _labels(sample: Sample) -> str:
    text = ",".join(f'{key}="{value}"' for key, value in sample.labels)
    return f"{{{text}}}" if text else ""


def set_aside(journal: Journal) -> list[dict[str, Any]]:
    """Return the jobs that were set aside, with their reasons."""
    query = "SELECT id, aside AS reason FROM job WHERE state = ? ORDER BY id"
    return [dict(row) for row in journal.read(query, JobState.ASIDE)]
