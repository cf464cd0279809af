"""Named instants at which a test kills a node, to see that nothing is lost or said twice; elsewhere they do nothing."""

import itertools
import os
import signal
from collections import defaultdict

VARIABLE = "BRAIN_NODE_CRASH_AT"
"""Environment variable: a point, or ``POINT:N`` for the N-th time that it is reached."""

BEFORE_RENAME = "before-rename"
AFTER_RENAME = "after-rename"
AFTER_COMMIT = "after-commit"
WHILE_INFERRING = "while-inferring"
AFTER_OUTBOX = "after-outbox"
AFTER_ANSWER = "after-answer"
WHILE_PURGING = "while-purging"
POINTS = (BEFORE_RENAME, AFTER_RENAME, AFTER_COMMIT, WHILE_INFERRING, AFTER_OUTBOX, AFTER_ANSWER, WHILE_PURGING)

_times: defaultdict[str, "itertools.count[int]"] = defaultdict(lambda: itertools.count(1))


def reached(point: str) -> None:
    """Kill the process, as a power failure would, where `VARIABLE` names this point."""
    wanted, _, number = os.environ.get(VARIABLE, "").partition(":")
    if wanted == point and next(_times[point]) == int(number or 1):
        os.kill(os.getpid(), signal.SIGKILL)
