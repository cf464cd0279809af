"""Where jobs and their answers stand."""

from enum import StrEnum


class JobState(StrEnum):
    """Of a job, which is one answer about the objects of a study."""

    COLLECTING = "collecting"
    READY = "ready"
    INFERRING = "inferring"
    INFERRED = "inferred"
    ANSWERED = "answered"
    ASIDE = "set aside"


class DeliveryState(StrEnum):
    """Of an object and a destination."""

    WAITING = "waiting"
    STORED = "stored, not committed"
    """Taken, but the destination has not said yet that it keeps it, which it was or is to be asked."""
    SENT = "sent"
    WARNED = "sent with a warning"
    FAILED = "given up"


PENDING = (DeliveryState.WAITING, DeliveryState.STORED)
"""In which a job waits for a destination."""
OPEN = (JobState.COLLECTING, JobState.READY)
"""In which what comes late still belongs to the job."""
DONE = (JobState.ANSWERED, JobState.ASIDE)
"""From which nothing happens by itself but that files are purged."""
